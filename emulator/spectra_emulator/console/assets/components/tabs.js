// @ts-check
/** Tabs: arrow keys move, the chosen one's panel is shown. */

import { element } from "../element.js";

/**
 * @typedef {object} Tab
 * @property {string} name
 * @property {string} label
 * @property {Node} panel
 */

/**
 * @typedef {object} Tabs
 * @property {HTMLElement} bar
 * @property {HTMLElement} panels
 * @property {(name: string) => void} choose
 */

let made = 0;

/**
 * @param {string} label What the tabs are about.
 * @param {Tab[]} tabs
 * @param {(name: string) => void} [chosen] Told of each choice.
 * @returns {Tabs}
 */
export function tabs(label, tabs, chosen = () => {}) {
  made += 1;
  const lead = `tabs-${made}`;
  const buttons = tabs.map((tab) =>
    element(
      "button",
      { type: "button", role: "tab", class: "tab", id: `${lead}-${tab.name}`, "aria-controls": `${lead}-${tab.name}-panel`, onclick: () => choose(tab.name) },
      tab.label,
    ),
  );
  const panels = tabs.map((tab) =>
    element("div", { role: "tabpanel", class: "tab-panel", id: `${lead}-${tab.name}-panel`, "aria-labelledby": `${lead}-${tab.name}` }, tab.panel),
  );
  const bar = element("div", { role: "tablist", class: "tabs", "aria-label": label }, ...buttons);

  /** @param {string} name */
  function choose(name) {
    tabs.forEach((tab, place) => {
      const is = tab.name === name;
      buttons[place].setAttribute("aria-selected", String(is));
      buttons[place].tabIndex = is ? 0 : -1;
      panels[place].hidden = !is;
    });
    chosen(name);
  }

  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (buttons.findIndex((button) => button === document.activeElement) + step + tabs.length) % tabs.length;
    choose(tabs[next].name);
    buttons[next].focus();
  });
  choose(tabs[0].name);
  return { bar, panels: element("div", { class: "tab-panels" }, ...panels), choose };
}

// @ts-check
/** A button that opens a list of things to choose. */

import { element } from "../element.js";
import { icon } from "./icon.js";

/**
 * @typedef {object} Choice
 * @property {string} label
 * @property {string} [note] A second line.
 * @property {boolean} [chosen]
 * @property {() => void} act
 */

let menus = 0;

/**
 * Make the button; `choices` is asked whenever it opens.
 * @param {import("../element.js").Child[]} label
 * @param {() => Choice[]} choices
 * @param {{class?: string, name?: string}} [options] `name` is what a screen reader calls the list.
 * @returns {HTMLElement}
 */
export function menu(label, choices, options = {}) {
  menus += 1;
  const id = `menu-${menus}`;
  const button = element(
    "button",
    { type: "button", class: options.class ?? "button", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => toggle() },
    ...label,
    icon("down"),
  );
  const list = element("div", { class: "menu-list", role: "menu", id, hidden: true, "aria-label": options.name ?? "Choices" });
  const root = element("div", { class: "menu" }, button, list);

  /** @param {boolean} [focusBack] */
  function close(focusBack = false) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", closeOutside);
    if (focusBack) button.focus();
  }

  /** @param {Event} event */
  function closeOutside(event) {
    if (!root.contains(/** @type {Node} */ (event.target))) close();
  }

  function toggle() {
    if (!list.hidden) return close(true);
    list.replaceChildren(...choices().map(item));
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", closeOutside);
    items()[0]?.focus();
  }

  /** @param {Choice} choice */
  function item(choice) {
    const act = () => (close(true), choice.act());
    return element(
      "button",
      { type: "button", role: "menuitem", tabindex: -1, class: "menu-item", onclick: act },
      element("span", { class: "menu-mark" }, choice.chosen && icon("check")),
      element("span", { class: "menu-text" }, choice.label, choice.note && element("small", {}, choice.note)),
    );
  }

  const items = () => /** @type {HTMLElement[]} */ ([...list.children]);

  root.addEventListener("keydown", (event) => {
    const place = items().indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: -1 });
    if (list.hidden && event.key === "ArrowDown") toggle();
    else if (event.key === "Escape" && !list.hidden) close(true);
    else if (event.key in steps && !list.hidden) items().at(steps[event.key] % items().length)?.focus();
    else return event.key === "Tab" ? close() : undefined;
    event.preventDefault();
  });
  return root;
}

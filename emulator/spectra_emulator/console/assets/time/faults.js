// @ts-check
/** The fault rules in force, in their order. */

import { empty } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { trouble } from "../components/trouble.js";
import { element, fill } from "../element.js";
import { redraw } from "../focus.js";
import { control } from "../server.js";
import { inWords, matched } from "./actions.js";
import { faultForm } from "./fault_form.js";

const LOOKED_MILLISECONDS = 2000;

/**
 * Return the panel of the rules; `close` ends its looking.
 * @returns {{node: HTMLElement, close: () => void}}
 */
export function faultsPanel() {
  const place = element("div", {});
  const problem = trouble();
  let shown = "";

  /** @param {{rules: any[]}} answer */
  function draw({ rules }) {
    const text = JSON.stringify(rules);
    if (text === shown) return;
    shown = text;
    redraw(place, () => fill(place, rules.length ? table(rules) : empty("warning", "No faults", element("p", {}, "Every call is served as it should be. Add a rule, and the first that matches a call and fires decides what befalls it."))));
  }

  /** @param {any[]} rules */
  function table(rules) {
    const heads = ["", "Matches", "What happens", "Limits", "Matched", "Fired", ""];
    return element(
      "div",
      { class: "table-scroll" },
      element("table", { class: "list-table" }, element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col", class: ["Matched", "Fired"].includes(head) ? "right" : null }, head || element("span", { class: "visually-hidden" }, "Rule"))))), element("tbody", {}, rules.map(row))),
    );
  }

  /**
   * @param {any} rule
   * @param {number} place
   */
  function row(rule, place) {
    return element(
      "tr",
      {},
      element("td", { class: "muted" }, String(place + 1)),
      element("td", {}, matched(rule.match)),
      element("td", {}, inWords(rule.action)),
      element("td", { class: "muted" }, limits(rule)),
      element("td", { class: "right mono" }, String(rule.matched)),
      element("td", { class: "right mono" }, String(rule.fired)),
      element("td", {}, element("button", { type: "button", class: "button button-icon", "aria-label": `Remove rule ${place + 1}`, onclick: () => void ask("DELETE", `/faults/${encodeURIComponent(rule.id)}`) }, icon("trash"))),
    );
  }

  /**
   * @param {string} method
   * @param {string} path
   */
  async function ask(method, path) {
    try {
      const answer = await control(method, path);
      if (method === "GET" || path === "/faults") draw(answer.json);
      else await ask("GET", "/faults");
      problem.show(null);
    } catch (error) {
      problem.show(error);
    }
  }

  const look = () => ask("GET", "/faults");
  const timer = window.setInterval(() => document.hidden || void look(), LOOKED_MILLISECONDS);
  void look();
  return {
    node: element(
      "section",
      { class: "panel", "aria-label": "Faults" },
      element("div", { class: "panel-head" }, element("h2", {}, "Faults"), element("span", { class: "spacer" }), element("button", { type: "button", class: "button button-small", onclick: () => void ask("DELETE", "/faults") }, icon("trash"), "Remove all")),
      problem.node,
      place,
      element("div", { class: "panel-body fault-new" }, element("h3", {}, "Add a fault"), faultForm(look)),
    ),
    close: () => window.clearInterval(timer),
  };
}

/** @param {any} rule */
function limits(rule) {
  return [
    rule.times && `${rule.times} times`,
    rule.after && `after ${rule.after}`,
    Number(rule.probability) < 1 && `p ${rule.probability}, seed ${rule.seed}`,
    rule.expires_at && `until ${rule.expires_at}`,
  ]
    .filter(Boolean)
    .join(", ");
}

// @ts-check
/** A dialog over the page. */

import { element } from "../element.js";
import { icon } from "./icon.js";
import { trouble } from "./trouble.js";

/**
 * @typedef {object} Dialog
 * @property {string} title
 * @property {import("../element.js").Child[]} body
 * @property {string} [confirm] What the button says that agrees; without it there is only a way to close.
 * @property {boolean} [dangerous] Whether agreeing destroys something.
 * @property {HTMLElement} [first] What has the focus at first.
 * @property {boolean} [wide]
 * @property {() => Promise<unknown>} [act] What agreeing does. Where it fails, the dialog says why and stays, with what was written.
 */

/**
 * Show a dialog until it is closed.
 * @param {Dialog} options
 * @returns {Promise<boolean>} Whether the user agreed.
 */
export function dialog({ title, body, confirm, dangerous = false, first, wide = false, act }) {
  return new Promise((resolve) => {
    const problem = trouble();
    const close = element("button", { type: "button", class: "button button-icon", "aria-label": "Close", onclick: () => shown.close() }, icon("close"));
    const agree = element("button", { type: "submit", class: `button ${dangerous ? "button-danger" : "button-primary"}` }, confirm ?? "");
    const form = element(
      "form",
      { method: "dialog", onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void agreed()) },
      element("header", { class: "dialog-head" }, element("h2", { id: "dialog-title" }, title), close),
      element("div", { class: "dialog-body" }, ...body, problem.node),
      confirm && element("footer", { class: "dialog-foot" }, element("button", { type: "button", class: "button", onclick: () => shown.close() }, "Cancel"), agree),
    );
    const shown = element("dialog", { class: wide ? "dialog dialog-wide" : "dialog", "aria-labelledby": "dialog-title" }, form);

    async function agreed() {
      agree.disabled = true;
      try {
        await act?.();
        shown.close("agreed");
      } catch (error) {
        problem.show(null);
        problem.show(error);
      } finally {
        agree.disabled = false;
      }
    }

    shown.addEventListener("click", (event) => event.target === shown && shown.close());
    shown.addEventListener("close", () => {
      shown.remove();
      if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
      resolve(shown.returnValue === "agreed");
    });
    document.body.append(shown);
    shown.showModal();
    (first ?? (confirm ? agree : close)).focus();
  });
}

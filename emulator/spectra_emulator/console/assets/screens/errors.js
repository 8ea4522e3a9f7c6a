// @ts-check
/** What each error code means, why it is sent, what to do, and how a test gets it. The links in errors lead here. */

import { copy } from "../clipboard.js";
import { empty } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { prose } from "../components/prose.js";
import { element } from "../element.js";
import { CAUSES } from "../error_causes.js";
import { ERRORS } from "../errors.js";

/** @type {import("../screens.js").Screen} */
export function errorsScreen(place) {
  const code = place.rest[0] ?? "";
  return { node: element("div", { class: "page errors" }, Object.hasOwn(ERRORS, code) ? page(code) : index(code)) };
}

/** @param {string} code */
function page(code) {
  return [
    element("a", { href: "#/errors" }, "All errors"),
    panel(
      element("div", { class: "row" }, element("h2", { class: "mono" }, code), element("span", { class: "badge badge-bad" }, ERRORS[code].status)),
      element("p", {}, prose(ERRORS[code].meaning)),
      element("p", {}, element("strong", {}, "Try again? "), prose(ERRORS[code].again)),
    ),
    panel(element("h2", {}, "Why, and what to do"), element("ul", { class: "causes" }, CAUSES[code].map(cause))),
    panel(element("h2", {}, "In a test"), ...inTests(code)),
  ];
}

/**
 * @param {HTMLElement} head
 * @param {...import("../element.js").Child} body
 */
function panel(head, ...body) {
  return element("section", { class: "panel" }, element("div", { class: "panel-head" }, head), element("div", { class: "panel-body column" }, ...body));
}

/** @param {{because: string, says: string, act: string}} cause */
function cause({ because, says, act }) {
  return element("li", { class: "column" }, element("strong", {}, prose(because)), element("code", {}, says), element("span", {}, prose(act)));
}

/** @param {string} code */
function inTests(code) {
  const rule = JSON.stringify({ match: { operation: "executeQuery" }, times: 2, action: { error: code } });
  return [
    element("p", {}, "One call gets it by a header:"),
    copied(`X-Spectra-Fault: ${code}`, "Header"),
    element("p", {}, "The next two queries of any client get it by a rule, set here or under ", element("a", { href: "#/time" }, "Time & faults"), ":"),
    copied(`spectra-emulator faults add '${rule}'`, "Command"),
  ];
}

/**
 * @param {string} text
 * @param {string} what
 */
function copied(text, what) {
  return element(
    "div",
    { class: "row to-copy" },
    element("pre", { class: "value", tabindex: 0 }, text),
    element("button", { type: "button", class: "button button-icon", "aria-label": `Copy the ${what.toLowerCase()}`, onclick: () => copy(text, what) }, icon("copy")),
  );
}

/** @param {string} asked A code that there is not, or nothing. */
function index(asked) {
  const rows = Object.entries(ERRORS).map(([code, { status, meaning }]) =>
    element("li", { class: "column" }, element("div", { class: "row" }, element("a", { class: "mono", href: `#/errors/${code}` }, code), element("span", { class: "badge" }, status)), element("span", {}, prose(meaning))),
  );
  return [asked !== "" && empty("search", `There is no error ${asked}`), panel(element("h2", {}, "Every error code"), element("ul", { class: "causes" }, rows))];
}

// @ts-check
/** What a place says that has nothing to show, and how it says that something went wrong. */

import { element } from "../element.js";
import { ERRORS } from "../errors.js";
import { icon } from "./icon.js";
import { prose } from "./prose.js";

/**
 * @param {import("./icon.js").IconName} picture
 * @param {string} title
 * @param {...import("../element.js").Child} more
 */
export function empty(picture, title, ...more) {
  return element("div", { class: "empty" }, icon(picture), element("h3", {}, title), ...more);
}

/**
 * Show a failed call with its code, its message and its details.
 * @param {unknown} error
 * @param {...import("../element.js").Child} more
 */
export function failure(error, ...more) {
  const told = /** @type {{code?: string, message?: string, details?: Record<string, unknown>, requestId?: string}} */ (error ?? {});
  const details = Object.entries(told.details ?? {}).filter(([name]) => name !== "help_url");
  return element(
    "div",
    { class: "failure", role: "alert" },
    element("div", { class: "failure-head" }, icon("warning"), element("strong", {}, told.code ?? "Error"), element("span", {}, told.message ?? String(error))),
    details.length > 0 && element("dl", {}, details.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, text(value))])),
    ...reference(told.code ?? ""),
    told.requestId && element("p", { class: "muted" }, "Request ", element("code", {}, told.requestId)),
    ...more,
  );
}

/**
 * Say what the code means and whether to try again, with a link to more: in a tab of its own, as what failed is not done.
 * @param {string} code
 */
function reference(code) {
  const found = Object.hasOwn(ERRORS, code) ? ERRORS[code] : undefined;
  return found ? [element("p", { class: "muted" }, ...prose(found.meaning), " Try again? ", ...prose(found.again), " ", more(code))] : [];
}

/** @param {string} code */
function more(code) {
  return element("a", { href: `#/errors/${code}`, target: "_blank", rel: "noopener" }, `What to do about ${code}`);
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "object" && value !== null && value.constructor === Object ? JSON.stringify(value) : String(value);
}

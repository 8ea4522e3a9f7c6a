// @ts-check
/** Text of the documents: what stands between backticks is code. */

import { element } from "../element.js";

/** @param {string} text */
export function prose(text) {
  return text.split("`").map((part, place) => (place % 2 === 1 ? element("code", {}, part) : part));
}

// @ts-check
/** Where a place that looks again and again says what went wrong: once, not at each look. */

import { element, fill } from "../element.js";
import { failure } from "./empty.js";

/**
 * @typedef {object} Trouble
 * @property {HTMLElement} node
 * @property {(error: unknown) => void} show The same again stays as it is, and is not read out once more; null takes it away.
 */

/** @returns {Trouble} */
export function trouble() {
  const node = element("div", {});
  let shown = "";
  return {
    node,
    show(error) {
      const text = error === null ? "" : told(error);
      if (text === shown) return;
      shown = text;
      fill(node, error !== null && failure(error));
    },
  };
}

/** @param {unknown} error */
function told(error) {
  const { code = "", details = {} } = /** @type {{code?: string, details?: unknown}} */ (error);
  return `${code} ${error instanceof Error ? error.message : error} ${JSON.stringify(details)}`;
}

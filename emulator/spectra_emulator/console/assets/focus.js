// @ts-check
/** Keeps the focus where the user has it while a place is drawn anew. */

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/**
 * Draw a place anew. What had the focus hands it to its successor: what has the same name now, else what stands there,
 * else the place itself.
 * @param {HTMLElement} place
 * @param {() => void} draw
 */
export function redraw(place, draw) {
  const before = focusable(place);
  const at = before.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const name = at < 0 ? "" : nameOf(before[at]);
  draw();
  if (at >= 0 && document.activeElement !== before[at]) hand(place, name, at);
}

/**
 * @param {HTMLElement} place
 * @param {string} name
 * @param {number} at
 */
function hand(place, name, at) {
  const after = focusable(place);
  const successor = after.find((each) => nameOf(each) === name) ?? after[Math.min(at, after.length - 1)];
  if (successor === undefined) place.tabIndex = -1;
  (successor ?? place).focus({ preventScroll: true });
}

/**
 * @param {HTMLElement} place
 * @returns {HTMLElement[]}
 */
function focusable(place) {
  return [...place.querySelectorAll(FOCUSABLE)].filter((each) => each instanceof HTMLElement);
}

/** @param {HTMLElement} node */
function nameOf(node) {
  return `${node.id} ${node.getAttribute("aria-label") ?? node.textContent}`;
}

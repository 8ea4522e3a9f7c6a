// @ts-check
/** Makes every node of the console. Text is text: there is no way in here for markup. */

const SVG = "http://www.w3.org/2000/svg";
const ADDRESS = /^(#|https?:\/\/|blob:|data:text\/|\/|\.)/;

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, unknown>} Attributes */

/**
 * Make an element. A function under `onclick` and the like listens; `style` and `data` take objects; null, undefined
 * and false leave an attribute out, and true writes it empty.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  append(made, children);
  return made;
}

/**
 * Make an element of an SVG drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  append(made, children);
  return made;
}

/**
 * Put children in the place of all that a node held.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * Say a text; the same again is left alone, lest a screen reader read it out once more.
 * @param {Element} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element} parent
 * @param {(Child | Child[])[]} children
 */
function append(parent, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) {
      parent.append(child instanceof Node ? child : String(child));
    }
  }
}

/**
 * @param {HTMLElement | SVGElement} target
 * @param {string} name
 * @param {unknown} value
 */
function setAttribute(target, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) listen(target, name, value);
  else if (name === "style") setStyle(target, /** @type {Record<string, string>} */ (value));
  else if (name === "data") Object.assign(target.dataset, value);
  else if (name === "value" && "value" in target) target.value = String(value);
  else target.setAttribute(name, value === true ? "" : checked(name, String(value)));
}

/**
 * @param {Element} target
 * @param {string} name
 * @param {unknown} listener
 */
function listen(target, name, listener) {
  if (typeof listener !== "function") throw new TypeError(`${name} must be a function`);
  target.addEventListener(name.slice(2), /** @type {EventListener} */ (listener));
}

/**
 * @param {HTMLElement | SVGElement} target
 * @param {Record<string, string>} style
 */
function setStyle(target, style) {
  for (const [property, value] of Object.entries(style)) target.style.setProperty(property, value);
}

/**
 * Refuse an address that would run code.
 * @param {string} name
 * @param {string} value
 */
function checked(name, value) {
  if ((name === "href" || name === "src") && !ADDRESS.test(value)) throw new TypeError(`${value} is no address to follow`);
  return value;
}

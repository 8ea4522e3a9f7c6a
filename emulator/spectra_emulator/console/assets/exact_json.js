// @ts-check
/** JSON with the numbers as they were written: `3100000.00` and 19 digits stay what they are. */

/** A number that JavaScript would write otherwise. */
export class ExactNumber {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }

  valueOf() {
    return Number(this.text);
  }
}

/**
 * @param {string} text
 * @returns {any}
 */
export function parsed(text) {
  const exact = /** @type {(text: string, reviver: (key: string, value: any, context?: {source?: string}) => any) => any} */ (
    JSON.parse
  );
  return exact(text, (_key, value, context) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && String(value) !== source ? new ExactNumber(source) : value;
  });
}

/**
 * Write what `parsed` read.
 * @param {unknown} value
 * @param {number} [indent] Spaces a level; none writes one line.
 * @param {string} [lead]
 * @returns {string}
 */
export function written(value, indent = 0, lead = "") {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return enclosed("[]", value.map((item) => written(item, indent, lead + " ".repeat(indent))), indent, lead);
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${indent ? " " : ""}${written(member, indent, lead + " ".repeat(indent))}`,
  );
  return enclosed("{}", members, indent, lead);
}

/**
 * @param {string} brackets
 * @param {string[]} parts
 * @param {number} indent
 * @param {string} lead
 */
function enclosed(brackets, parts, indent, lead) {
  if (!parts.length || !indent) return brackets[0] + parts.join(",") + brackets[1];
  const inner = lead + " ".repeat(indent);
  return `${brackets[0]}\n${inner}${parts.join(`,\n${inner}`)}\n${lead}${brackets[1]}`;
}

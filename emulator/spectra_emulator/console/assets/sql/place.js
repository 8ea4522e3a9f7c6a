// @ts-check
/** Places in a text: the server counts characters from 1, the browser its halves of them from 0. */

/**
 * Return the offset in the browser's text of a position that an error names.
 * @param {string} text
 * @param {number} position
 */
export function offsetOf(text, position) {
  return [...text].slice(0, Math.max(0, position - 1)).join("").length;
}

/**
 * Return the end of the word, or of the one character, at an offset.
 * @param {string} text
 * @param {number} offset
 */
export function wordEnd(text, offset) {
  const word = /^(?:[\p{L}\p{N}_$]+|"[^"]*"?|'[^']*'?|[\s\S])/u.exec(text.slice(offset));
  return offset + (word?.[0].length ?? 0);
}

/**
 * Return line and column, both from 1.
 * @param {string} text
 * @param {number} offset
 */
export function lineAndColumn(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

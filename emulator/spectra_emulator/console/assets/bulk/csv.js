// @ts-check
/** Reads CSV as the API writes it. */

/**
 * Return the records of a CSV text, the header among them.
 * @param {string} text
 * @returns {string[][]}
 */
export function records(text) {
  /** @type {string[][]} */
  const found = [];
  /** @type {string[]} */
  let record = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (record.length > 1 || record[0] !== "") found.push(record);
    record = [];
  }
  return found;
}

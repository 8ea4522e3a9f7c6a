// @ts-check
/** The calls that the journal's table shows: the last ones, without their bodies. */

export const MOST = 5000;
const CLASS = /^[1-5]xx$/;
const ID = /([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * @typedef {object} Line What is kept of an entry; the rest is asked for when it is opened.
 * @property {string} id
 * @property {number} number
 * @property {string} at
 * @property {string} method
 * @property {string} target
 * @property {string} operation
 * @property {number} status
 * @property {number} milliseconds
 * @property {string} tenant
 * @property {string} fault
 */

/**
 * @param {any} entry
 * @returns {Line}
 */
export function lineOf(entry) {
  return {
    id: entry.id,
    number: Number(entry.number),
    at: entry.at,
    method: entry.method,
    target: String(entry.target).slice(0, 300),
    operation: entry.operation ?? "",
    status: Number(entry.status),
    milliseconds: Number(entry.milliseconds),
    tenant: entry.caller?.tenant_id ?? "",
    fault: entry.fault ?? "",
  };
}

/**
 * Keep the newest lines, in the order they ended.
 * @param {Line[]} lines
 * @param {Line} line
 */
export function add(lines, line) {
  lines.push(line);
  if (lines.length > MOST) lines.splice(0, lines.length - MOST);
}

/**
 * Tell whether a line fits what is searched for: every word stands somewhere in it, and `4xx` for a whole class of statuses.
 * @param {Line} line
 * @param {string} wanted
 */
export function fits(line, wanted) {
  const text = `${line.method} ${line.target} ${line.operation} ${line.status} ${line.tenant} ${line.fault} ${line.id}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => (CLASS.test(word) ? String(line.status)[0] === word[0] : text.includes(word)));
}

/** Return a path with its long ids shortened, so that what comes after them is seen too. @param {string} target */
export function shortened(target) {
  return target.replace(ID, "$1…");
}

/** @param {number} status */
export function toneOf(status) {
  if (status === 0 || status >= 500) return "bad";
  return status >= 400 ? "warn" : "good";
}

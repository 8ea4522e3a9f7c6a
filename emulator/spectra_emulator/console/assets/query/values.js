// @ts-check
/** A result's values as text: in the table, and as CSV, JSON and a curl command. */

import { ExactNumber, written } from "../exact_json.js";
import { current } from "../identity.js";
import { address } from "../server.js";
import { headerFrom, quoted as inShell } from "../shell.js";

/**
 * @typedef {object} Result
 * @property {string} sql
 * @property {Record<string, unknown>} parameters
 * @property {string[]} columns
 * @property {string[]} types
 * @property {Record<string, any>[]} rows
 * @property {any} metadata
 * @property {number} milliseconds
 */

const NUMBERS = /^(SMALLINT|INTEGER|BIGINT|DECIMAL|NUMERIC|REAL|FLOAT\d?|DOUBLE PRECISION)/;

/** @param {string} type */
export function isNumber(type) {
  return NUMBERS.test(type);
}

/**
 * Return a value as it is shown; null has a word of its own.
 * @param {unknown} value
 * @returns {import("../components/grid.js").Cell}
 */
export function shown(value) {
  if (value === null || value === undefined) return { text: "NULL", tone: "null" };
  return { text: plain(value) };
}

/** @param {Result} result */
export function asCsv({ columns, rows }) {
  const lines = [columns.map(quoted), ...rows.map((row) => columns.map((name) => (row[name] === null ? "" : quoted(plain(row[name])))))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** @param {Result} result */
export function asJson({ rows }) {
  return written(rows, 2);
}

/**
 * Return the command that asks the same; a credential of the user's own is read from $SPECTRA_API_KEY.
 * @param {{sql: string, parameters: Record<string, unknown>}} asked
 */
export function asCurl({ sql, parameters }) {
  const identity = current.get();
  const key = identity?.told ? `-H ${inShell(`Authorization: Bearer ${identity.credential}`)}` : headerFrom("Authorization: Bearer ", "SPECTRA_API_KEY");
  return [
    `curl -s ${inShell(address("/v1/queries"))}`,
    `  ${key} -H ${inShell(`X-Tenant-ID: ${identity?.tenant_id ?? ""}`)}`,
    `  -H ${inShell("Content-Type: application/json")}`,
    `  --data-raw ${inShell(JSON.stringify({ sql, parameters }))}`,
  ].join(" \\\n");
}

/** @param {unknown} value */
function plain(value) {
  return typeof value === "object" && !(value instanceof ExactNumber) ? written(value) : String(value);
}

/** @param {string} text */
function quoted(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

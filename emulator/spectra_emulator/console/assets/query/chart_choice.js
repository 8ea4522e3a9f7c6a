// @ts-check
/** Which chart a result's columns allow. */

import { isNumber } from "./values.js";

/** @typedef {{kind: "bar" | "line", across: number[], series: number[]}} Choice Columns by their place; labels may be of several. */

const [MOST_BARS, MOST_POINTS, MOST_SERIES, MOST_LABELS] = [60, 2000, 4, 3];
const TIMES = /^(DATE|TIMESTAMP|TIMESTAMPTZ|TIME|TIMETZ)/;
const LABELS = /^(VARCHAR|CHAR|NVARCHAR|NCHAR|TEXT|BPCHAR|BOOLEAN|DATE|TIME)/;

/**
 * Return the chart that fits at first, null where there is none.
 * @param {import("./values.js").Result} result
 * @returns {Choice | null}
 */
export function fitting({ columns, types, rows }) {
  const numbers = types.flatMap((type, place) => (isNumber(type) ? [place] : []));
  const labels = types.flatMap((type, place) => (LABELS.test(type) ? [place] : []));
  const one = labels.find((place) => TIMES.test(types[place])) ?? labels[0] ?? (numbers.length > 1 ? numbers[0] : undefined);
  const series = numbers.filter((place) => place !== one).slice(0, MOST_SERIES);
  if (one === undefined || series.length === 0 || rows.length < 2) return null;
  const alone = new Set(rows.map((row) => String(row[columns[one]]))).size === rows.length;
  const line = TIMES.test(types[one]) || isNumber(types[one]) || rows.length > MOST_BARS;
  return { kind: line ? "line" : "bar", across: alone || line ? [one] : labels.slice(0, MOST_LABELS), series };
}

/**
 * Return how many rows a chart of the kind shows.
 * @param {"bar" | "line"} kind
 */
export function mostPoints(kind) {
  return kind === "bar" ? MOST_BARS : MOST_POINTS;
}

/**
 * Return round numbers that span the values, zero among them.
 * @param {number[]} values
 * @returns {number[]}
 */
export function ticks(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(low / step);
  return Array.from({ length: Math.ceil(high / step) - first + 1 }, (_, place) => (first + place) * step);
}

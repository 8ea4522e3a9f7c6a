// @ts-check
/** What became of a query: nothing yet, running, an answer or a failure. */

import { copy, download } from "../clipboard.js";
import { failure } from "../components/empty.js";
import { grid } from "../components/grid.js";
import { icon } from "../components/icon.js";
import { menu } from "../components/menu.js";
import { tabs } from "../components/tabs.js";
import { element } from "../element.js";
import { counted, duration, whole } from "../formats.js";
import { chart } from "./chart.js";
import { asCsv, asCurl, asJson, isNumber, shown } from "./values.js";

/** @typedef {import("./values.js").Result} Result */

/**
 * Return a result with its table, its chart and its totals.
 * @param {Result} result
 * @returns {HTMLElement}
 */
export function answer(result) {
  const { columns, types, rows } = result;
  const table = grid({
    label: "Result",
    columns: columns.map((name, place) => ({ name, note: types[place], right: isNumber(types[place]) })),
    rows: rows.length,
    cell: (row, column) => shown(rows[row][columns[column]]),
  });
  const place = element("div", { class: "chart-place" });
  const parts = tabs("Result", [
    { name: "table", label: "Table", panel: table.node },
    { name: "chart", label: "Chart", panel: place },
  ], (name) => name === "chart" && place.childElementCount === 0 && place.append(chart(result)));
  return element("section", { class: "panel outcome", "aria-label": "Result" }, element("div", { class: "panel-head outcome-head" }, parts.bar, totals(result), element("span", { class: "spacer" }), copies(result)), parts.panels);
}

/** @param {Result} result */
function totals({ rows, metadata, milliseconds }) {
  return element(
    "div",
    { class: "row totals" },
    element("span", { class: "mono" }, metadata.truncated ? `${whole(rows.length)} of ${counted(Number(metadata.total_rows), "row")}` : counted(rows.length, "row")),
    metadata.truncated && element("span", { class: "badge badge-warn" }, "truncated"),
    element("span", { class: "muted mono", title: "On the server, and until the answer was here" }, `${duration(metadata.execution_time_ms)} · ${duration(milliseconds)} in all`),
  );
}

/** @param {Result} result */
function copies(result) {
  return element(
    "div",
    { class: "row" },
    menu([icon("copy"), "Copy"], () => [
      { label: "CSV", note: "With a header line", act: () => void copy(asCsv(result), "CSV") },
      { label: "JSON", note: "One object a row", act: () => void copy(asJson(result), "JSON") },
      { label: "curl", note: "The command that asks the same", act: () => void copy(asCurl(result), "curl command") },
    ], { class: "button button-small", name: "Copy" }),
    menu([icon("download"), "Save"], () => [
      { label: "result.csv", act: () => download("result.csv", asCsv(result), "text/csv") },
      { label: "result.json", act: () => download("result.json", asJson(result), "application/json") },
    ], { class: "button button-small", name: "Save" }),
  );
}

/**
 * Return a failure, with a way to the place that it names.
 * @param {unknown} error
 * @param {{line: number, column: number} | null} place
 * @param {() => void} goTo
 * @param {{sql: string, parameters: Record<string, unknown>}} asked
 */
export function refusal(error, place, goTo, asked) {
  return element(
    "section",
    { class: "outcome-failure" },
    failure(
      error,
      element(
        "div",
        { class: "row" },
        place && element("button", { type: "button", class: "button button-small", onclick: goTo }, `Go to line ${place.line}, column ${place.column}`),
        element("button", { type: "button", class: "button button-small", onclick: () => void copy(asCurl(asked), "curl command") }, icon("copy"), "Copy as curl"),
      ),
    ),
  );
}

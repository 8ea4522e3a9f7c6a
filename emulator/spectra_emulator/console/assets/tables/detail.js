// @ts-check
/** One table: its columns, and its first rows. */

import { copy } from "../clipboard.js";
import { empty, failure } from "../components/empty.js";
import { grid } from "../components/grid.js";
import { icon } from "../components/icon.js";
import { tabs } from "../components/tabs.js";
import { element, fill } from "../element.js";
import { counted } from "../formats.js";
import { ran } from "../query/running.js";
import { isNumber, shown } from "../query/values.js";
import { go } from "../router.js";
import { spelt } from "../sql/completion.js";

const ROWS = 200;

/** @typedef {{name: string, type: string, nullable: boolean, default: string}} Column */
/** @typedef {{schema: string, name: string, view: boolean, primary_key: string[], columns: Column[]}} Table */

/**
 * Return the table's part of the address.
 * @param {Table} table
 */
export function addressOf(table) {
  return `${table.schema}.${table.name}`;
}

/**
 * @param {Table} table
 * @returns {HTMLElement}
 */
export function tableDetail(table) {
  const total = element("span", { class: "muted mono", role: "status" });
  const rows = element("div", { class: "table-rows" });
  const parts = tabs(`About ${table.name}`, [
    { name: "rows", label: "Rows", panel: rows },
    { name: "columns", label: "Columns", panel: columnsGrid(table) },
  ]);
  void fillRows(table, rows, total);
  return element(
    "section",
    { class: "panel table-panel", "aria-label": table.name },
    element(
      "div",
      { class: "panel-head table-head" },
      element("a", { class: "button button-icon back", href: "#/tables", "aria-label": "All tables" }, "←"),
      element("h2", { class: "mono" }, addressOf(table)),
      element("span", { class: "badge" }, table.view ? "view" : "table"),
      total,
      element("span", { class: "spacer" }),
      element("button", { type: "button", class: "button button-small", onclick: () => void copy(nameOf(table), "Name") }, icon("copy"), "Copy name"),
      element("button", { type: "button", class: "button button-small button-primary", onclick: () => go(`query?sql=${encodeURIComponent(selected(table))}`) }, icon("query"), "Query"),
    ),
    element("div", { class: "table-tabs" }, parts.bar),
    parts.panels,
  );
}

/** @param {Table} table */
function columnsGrid(table) {
  const { columns, primary_key: key } = table;
  /** @type {((column: Column) => import("../components/grid.js").Cell)[]} */
  const cells = [
    (column) => ({ text: column.name }),
    (column) => ({ text: column.type }),
    (column) => (column.nullable ? { text: "yes", tone: "muted" } : { text: "no" }),
    (column) => (column.default ? { text: column.default } : { text: "none", tone: "muted" }),
    (column) => (key.includes(column.name) ? { text: `${key.indexOf(column.name) + 1} of ${key.length}` } : { text: "" }),
  ];
  return grid({
    label: `Columns of ${table.name}`,
    columns: ["Column", "Type", "Null", "Default", "Key"].map((name) => ({ name })),
    rows: columns.length,
    cell: (row, column) => cells[column](columns[row]),
  }).node;
}

/**
 * @param {Table} table
 * @param {HTMLElement} place
 * @param {HTMLElement} total
 */
async function fillRows(table, place, total) {
  fill(place, element("div", { class: "empty" }, element("span", { class: "spinner", role: "img", "aria-label": "Loading" })));
  try {
    const { columns, types, rows, metadata } = await ran(`SELECT * FROM ${nameOf(table)}`, { limit: ROWS });
    const all = Number(metadata.total_rows);
    total.textContent = all > rows.length ? `${counted(all, "row")}, the first ${rows.length} shown` : counted(all, "row");
    const shownRows = grid({
      label: `Rows of ${table.name}`,
      columns: columns.map((name, column) => ({ name, note: types[column], right: isNumber(types[column]) })),
      rows: rows.length,
      cell: (row, column) => shown(rows[row][columns[column]]),
    });
    fill(place, rows.length ? shownRows.node : empty("tables", "No rows", element("p", {}, "The table is there, and empty.")));
  } catch (error) {
    fill(place, element("div", { class: "panel-body" }, failure(error)));
  }
}

/** @param {Table} table */
function nameOf(table) {
  return `${spelt(table.schema)}.${spelt(table.name)}`;
}

/** @param {Table} table */
function selected(table) {
  const names = table.columns.map((column) => spelt(column.name));
  const lines = names.reduce((/** @type {string[]} */ all, name) => {
    const last = all.at(-1) ?? "";
    return all.length && last.length + name.length < 76 ? [...all.slice(0, -1), `${last}, ${name}`] : [...all, name];
  }, []);
  return `SELECT ${lines.join(",\n       ")}\nFROM ${nameOf(table)}\nLIMIT 100`;
}

// @ts-check
/** The tenant's tables and views: their columns, and their first rows as the API gives them. */

import { empty, failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { redraw } from "../focus.js";
import { counted } from "../formats.js";
import { current } from "../identity.js";
import { bind } from "../keyboard.js";
import { go } from "../router.js";
import { control } from "../server.js";
import { addressOf, tableDetail } from "../tables/detail.js";

/** @typedef {import("../tables/detail.js").Table} Table */

/** @type {import("../screens.js").Screen} */
export function tablesScreen(place) {
  /** @type {Table[]} */
  let tables = [];
  let chosen = place.rest[0] ?? "";
  const search = element("input", { class: "field", type: "search", placeholder: "Find a table or column", "aria-label": "Find a table or column", oninput: () => drawList() });
  const list = element("div", { class: "table-list" });
  const count = element("p", { class: "muted table-count", role: "status" });
  const detail = element("div", { class: "table-detail" });
  const node = element("div", { class: "page tables" }, element("section", { class: "panel table-side", "aria-label": "Tables" }, element("div", { class: "panel-head" }, search), list, count), detail);

  async function look() {
    const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
    try {
      tables = (await control("GET", `/tenants/${tenant}/tables`)).json.tables;
    } catch (error) {
      return fill(detail, failure(error));
    }
    drawList();
    show();
  }

  function drawList() {
    const wanted = search.value.trim().toLowerCase();
    const found = tables.filter((table) => fits(table, wanted));
    const schemas = [...new Set(found.map((table) => table.schema))];
    redraw(list, () => fill(list, schemas.flatMap((schema) => [element("h2", {}, schema), element("ul", {}, found.filter((table) => table.schema === schema).map(link))])));
    count.textContent = wanted ? `${found.length} of ${counted(tables.length, "table")}` : counted(tables.length, "table");
  }

  /** @param {Table} table */
  function link(table) {
    const address = addressOf(table);
    return element(
      "li",
      {},
      element("a", { class: "table-link", href: `#/tables/${encodeURIComponent(address)}`, "aria-current": address === chosen ? "true" : null }, icon(table.view ? "view" : "tables"), element("span", {}, table.name), element("small", {}, String(table.columns.length))),
    );
  }

  function show() {
    const table = tables.find((each) => addressOf(each) === chosen);
    node.classList.toggle("table-chosen", table !== undefined);
    if (table) fill(detail, tableDetail(table));
    else if (chosen && tables.length) fill(detail, empty("tables", "No such table", element("p", {}, `This tenant has no ${chosen}.`)));
    else fill(detail, tables.length ? empty("tables", "Choose a table") : empty("tables", "No tables yet", element("p", {}, "Tables are made through the control plane's SQL, or loaded as fixtures when the server starts.")));
  }

  const unbind = bind([
    { keys: "/", does: "Find a table", act: () => search.focus() },
    { keys: "j", does: "Next table", act: () => step(1) },
    { keys: "k", does: "Previous table", act: () => step(-1) },
  ]);

  /** @param {number} by */
  function step(by) {
    const place = tables.findIndex((table) => addressOf(table) === chosen);
    const next = tables[Math.min(Math.max(place + by, 0), tables.length - 1)];
    if (next) go(`tables/${encodeURIComponent(addressOf(next))}`);
  }

  void look();
  return {
    node,
    moved(next) {
      chosen = next.rest[0] ?? "";
      drawList();
      show();
    },
    close: unbind,
  };
}

/**
 * @param {Table} table
 * @param {string} wanted In lower case.
 */
function fits(table, wanted) {
  return [table.name, ...table.columns.map((column) => column.name)].some((name) => name.toLowerCase().includes(wanted));
}

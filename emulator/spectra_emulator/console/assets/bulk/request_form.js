// @ts-check
/** The form that asks for a bulk job. */

import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { current } from "../identity.js";
import { api, control } from "../server.js";
import { spelt } from "../sql/completion.js";

const OPERATIONS = /** @type {[string, string][]} */ ([
  ["query", "Export the rows of a query"],
  ["insert", "Insert records"],
  ["update", "Update records"],
  ["upsert", "Insert or update records"],
  ["delete", "Delete records"],
]);
const DELIMITERS = /** @type {[string, string][]} */ ([[",", "Comma"], ["|", "Pipe"], ["\t", "Tab"], [";", "Semicolon"], ["^", "Caret"]]);
const BY_RECORD = ["update", "upsert", "delete"];

let made = 0;

/**
 * @param {(job: any) => void} created Told of the job as it was created.
 * @returns {HTMLElement}
 */
export function requestForm(created) {
  const operation = select(OPERATIONS);
  const table = element("input", { class: "field", list: "bulk-tables", required: true, autocomplete: "off", spellcheck: "false", maxlength: 127 });
  const tables = element("datalist", { id: "bulk-tables" });
  const query = element("textarea", { class: "field", rows: 4, spellcheck: "false", required: true });
  const contentType = select([["CSV", "CSV"], ["JSON", "JSON"], ["PARQUET", "Parquet"]]);
  const compression = select([["NONE", "None"], ["GZIP", "gzip"]]);
  const delimiter = select(DELIMITERS);
  const lineEnding = select([["LF", "LF"], ["CRLF", "CRLF"]]);
  const key = element("input", { class: "field", autocomplete: "off", spellcheck: "false", placeholder: "the primary key" });
  const mappings = element("textarea", { class: "field", rows: 2, spellcheck: "false", placeholder: "column of the file = column of the table" });
  const trouble = element("div", {});
  const submit = element("button", { type: "submit", class: "button button-primary" }, icon("plus"), "Create the job");
  const parts = {
    query: labelled("Query", query),
    delimiter: labelled("Delimiter", delimiter),
    lineEnding: labelled("Line ending", lineEnding),
    key: labelled("Records are found by", key),
    mappings: labelled("Other names of columns, one a line", mappings),
  };
  let written = false;

  function show() {
    const exporting = operation.value === "query";
    parts.query.hidden = !exporting;
    query.required = exporting;
    parts.mappings.hidden = exporting;
    parts.key.hidden = !BY_RECORD.includes(operation.value);
    parts.delimiter.hidden = parts.lineEnding.hidden = contentType.value !== "CSV";
    if (exporting && !written && table.value) query.value = `SELECT * FROM ${table.value.split(".").map(spelt).join(".")}`;
  }

  function body() {
    const exporting = operation.value === "query";
    const csv = contentType.value === "CSV" ? { column_delimiter: delimiter.value, line_ending: lineEnding.value } : {};
    const renamed = pairs(mappings.value);
    const change = { ...(key.value && !parts.key.hidden ? { external_id_field: key.value } : {}), ...(renamed.length ? { column_mappings: renamed } : {}) };
    return { operation: operation.value, object: table.value, content_type: contentType.value, compression: compression.value, ...csv, ...(exporting ? { query: query.value } : change) };
  }

  async function create() {
    submit.disabled = true;
    try {
      created((await api("POST", "/bulk/jobs", { body: body() })).json);
    } catch (error) {
      fill(trouble, failure(error));
    } finally {
      submit.disabled = false;
    }
  }

  async function learn() {
    const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
    const found = (await control("GET", `/tenants/${tenant}/tables`)).json.tables;
    fill(tables, found.map((/** @type {any} */ each) => element("option", { value: each.schema === "public" ? each.name : `${each.schema}.${each.name}` })));
  }

  query.addEventListener("input", () => (written = query.value !== ""));
  for (const field of [operation, contentType, table]) field.addEventListener("input", show);
  show();
  void learn().catch(() => {});
  return element(
    "form",
    { class: "column bulk-form", onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void create()) },
    element("div", { class: "fault-fields" }, labelled("What to do", operation), labelled("Table", table), tables),
    parts.query,
    element("div", { class: "fault-fields" }, labelled("File", contentType), labelled("Compression", compression), parts.delimiter, parts.lineEnding, parts.key),
    parts.mappings,
    element("div", { class: "row" }, submit),
    trouble,
  );
}

/**
 * Return the pairs of names that the lines hold.
 * @param {string} text
 */
function pairs(text) {
  return text
    .split("\n")
    .map((line) => line.split("=").map((name) => name.trim()))
    .filter(([source, target]) => source && target)
    .map(([source_column, target_column]) => ({ source_column, target_column }));
}

/** @param {[string, string][]} choices */
function select(choices) {
  return element("select", { class: "field" }, choices.map(([value, label]) => element("option", { value }, label)));
}

/**
 * @param {string} label
 * @param {HTMLElement} field
 */
function labelled(label, field) {
  made += 1;
  field.id = `bulk-${made}`;
  return element("div", {}, element("label", { class: "label", for: field.id }, label), field);
}

// @ts-check
/** One call with all that the journal knows of it. */

import { copy } from "../clipboard.js";
import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { tabs } from "../components/tabs.js";
import { toast } from "../components/toast.js";
import { element, fill } from "../element.js";
import { parsed, written } from "../exact_json.js";
import { duration, size } from "../formats.js";
import { go } from "../router.js";
import { control } from "../server.js";
import { toneOf } from "./entries.js";

/** What each panel was asked for last; an answer to anything earlier comes too late. @type {WeakMap<HTMLElement, symbol>} */
const wanted = new WeakMap();

/**
 * Fill a panel with an entry.
 * @param {HTMLElement} place
 * @param {string} id
 * @param {() => void} close
 */
export async function showEntry(place, id, close) {
  const mine = Symbol(id);
  wanted.set(place, mine);
  const parts = await asked(id, close);
  if (wanted.get(place) === mine) fill(place, parts);
}

/**
 * @param {string} id
 * @param {() => void} close
 */
async function asked(id, close) {
  try {
    const entry = (await control("GET", `/requests/${encodeURIComponent(id)}`)).json;
    return [head(entry, close), facts(entry), content(entry)];
  } catch (error) {
    return [element("div", { class: "panel-head" }, element("h2", {}, "Call"), element("span", { class: "spacer" }), closing(close)), failure(error)];
  }
}

/**
 * @param {any} entry
 * @param {() => void} close
 */
function head(entry, close) {
  return element(
    "div",
    { class: "panel-head" },
    element("span", { class: `badge badge-${toneOf(Number(entry.status))}` }, Number(entry.status) || "no answer"),
    element("h2", { class: "mono entry-target" }, `${entry.method} ${entry.target}`),
    element("span", { class: "spacer" }),
    entry.kind === "request" && element("button", { type: "button", class: "button button-small", onclick: () => void copyCurl(entry.id) }, icon("copy"), "curl"),
    closing(close),
  );
}

/** @param {() => void} close */
function closing(close) {
  return element("button", { type: "button", class: "button button-icon", "aria-label": "Close the call", onclick: close }, icon("close"));
}

/** @param {string} id */
async function copyCurl(id) {
  try {
    const { text } = await control("GET", `/requests/${encodeURIComponent(id)}/curl`);
    await copy(text.trim(), "curl command");
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "bad");
  }
}

/** @param {any} entry */
function facts(entry) {
  const { caller, rate } = entry;
  return list({
    Path: entry.target,
    When: entry.at,
    Took: duration(Number(entry.milliseconds)),
    Operation: entry.operation,
    Tenant: caller?.tenant_id,
    "Called as": [caller?.subject, caller?.authentication].filter(Boolean).join(" by "),
    Rate: rate && `${rate.remaining} of ${rate.limit} left`,
    Fault: entry.fault,
    Request: entry.id,
  });
}

/** @param {Record<string, unknown>} pairs */
function list(pairs) {
  const told = Object.entries(pairs).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", { class: "entry-facts" }, told.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
}

/** @param {any} entry */
function content(entry) {
  const panels = [
    ...(entry.sql ? [{ name: "sql", label: "SQL", panel: statements(entry) }] : []),
    { name: "request", label: "Request", panel: sent(entry.request) },
    { name: "answer", label: "Answer", panel: sent(entry.answer) },
  ];
  const { bar, panels: shown } = tabs("Parts of the call", panels);
  return element("div", { class: "entry-content" }, bar, shown);
}

/** @param {any} entry */
function statements(entry) {
  return element(
    "div",
    { class: "column" },
    element("h3", {}, "Redshift, as sent"),
    element("pre", { class: "value", tabindex: 0 }, entry.sql),
    element("button", { type: "button", class: "button button-small", onclick: () => go(`query?sql=${encodeURIComponent(entry.sql)}`) }, icon("query"), "Open in the workbench"),
    entry.engine_sql && element("h3", {}, "As the engine got it"),
    entry.engine_sql && element("pre", { class: "value", tabindex: 0 }, entry.engine_sql),
  );
}

/** @param {any} part */
function sent(part) {
  const headers = Object.entries(part?.headers ?? {}).map(([name, value]) => `${name}: ${value}`).join("\n");
  return element(
    "div",
    { class: "column" },
    element("h3", {}, "Headers"),
    element("pre", { class: "value", tabindex: 0 }, headers || "none are known"),
    element("h3", {}, "Body ", element("small", { class: "muted" }, size(Number(part?.size_bytes ?? 0)), part?.cut && ", cut")),
    part?.body ? element("pre", { class: "value", tabindex: 0 }, readable(part.body)) : element("p", { class: "muted" }, "empty"),
  );
}

/**
 * Return JSON with line breaks, and anything else as it is.
 * @param {string} body
 */
function readable(body) {
  try {
    return written(parsed(body), 2);
  } catch {
    return body;
  }
}

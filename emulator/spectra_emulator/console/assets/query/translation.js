// @ts-check
/** What the query becomes for DuckDB, and by which rules: beside the editor, as one types. */

import { copy } from "../clipboard.js";
import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { current } from "../identity.js";
import { control, Refusal } from "../server.js";
import { laidOut } from "../sql/layout.js";

const PAUSE_MILLISECONDS = 250;

/**
 * @typedef {object} Translation
 * @property {HTMLElement} node
 * @property {(sql: string) => void} show Translate it, once no more is typed for a moment.
 * @property {() => void} close
 */

/**
 * @param {(refusal: Refusal | null) => void} told Told whether the query would be refused.
 * @returns {Translation}
 */
export function translation(told) {
  const content = element("div", { class: "translation-content", tabindex: 0, role: "region", "aria-label": "Translation" });
  let timer = 0;
  let turn = 0;
  let copied = "";
  const button = element("button", { type: "button", class: "button button-icon", "aria-label": "Copy the DuckDB SQL", title: "Copy the DuckDB SQL", onclick: () => void copy(copied, "DuckDB SQL") }, icon("copy"));
  const head = element("div", { class: "panel-head" }, element("h2", {}, "DuckDB SQL"), element("span", { class: "spacer" }), button);

  /** @param {string} sql */
  async function translate(sql) {
    turn += 1;
    const mine = turn;
    const answer = sql.trim() === "" ? null : await asked(sql);
    if (mine !== turn) return;
    copied = answer instanceof Refusal ? "" : (answer?.sql ?? "");
    button.disabled = copied === "";
    told(answer instanceof Refusal ? answer : null);
    fill(content, answer === null ? nothing() : answer instanceof Refusal ? untranslated(answer) : explained(answer));
  }

  fill(content, nothing());
  return {
    node: element("section", { class: "panel translation" }, head, content),
    show(sql) {
      clearTimeout(timer);
      timer = setTimeout(() => void translate(sql), PAUSE_MILLISECONDS);
    },
    close: () => clearTimeout(timer),
  };
}

/** @param {string} sql */
async function asked(sql) {
  const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
  try {
    return (await control("POST", `/tenants/${tenant}/explain`, { body: { sql } })).json;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function nothing() {
  return element("p", { class: "muted" }, "What the query becomes for DuckDB, and the rules behind it, stand here as you write.");
}

/**
 * Say quietly what is wrong: the user is still writing.
 * @param {Refusal} refusal
 */
function untranslated({ code, message, details }) {
  return element(
    "div",
    { class: "column untranslated" },
    element("p", {}, element("strong", { class: "bad" }, code), " ", message),
    details.hint && element("p", { class: "muted" }, String(details.hint)),
    details.reason && element("p", { class: "muted" }, String(details.reason)),
  );
}

/** @param {{sql: string, rewrites: {family: string, construct: string, summary: string | null, before: string, after: string, times: number}[]}} explanation */
function explained({ sql, rewrites }) {
  return element(
    "div",
    { class: "column" },
    rewrites.length > 0 && element("div", { class: "row" }, [...new Set(rewrites.map((each) => each.construct))].map((name) => element("span", { class: "badge badge-accent" }, name))),
    element("pre", { class: "translation-sql" }, coloured(sql)),
    element("h3", {}, rewrites.length ? "Rules applied" : "No rule was needed"),
    rewrites.length > 0 && element("ul", { class: "rewrites" }, rewrites.map(rule)),
  );
}

/** @param {{family: string, construct: string, summary: string | null, before: string, after: string, times: number}} rewrite */
function rule({ family, construct, summary, before, after, times }) {
  return element(
    "li",
    {},
    element(
      "details",
      {},
      element("summary", {}, element("strong", {}, construct), element("span", { class: "badge" }, family), times > 1 && element("span", { class: "muted" }, `${times} times`), summary && element("span", { class: "rewrite-summary" }, summary)),
      element("p", { class: "muted" }, "Redshift"),
      element("code", {}, before),
      element("p", { class: "muted" }, "DuckDB"),
      element("code", {}, after),
    ),
  );
}

/** @param {string} sql */
function coloured(sql) {
  return laidOut(sql).map(({ kind, text }) => (kind === "name" || kind === "other" ? text : element("span", { class: `sql-${kind}` }, text)));
}

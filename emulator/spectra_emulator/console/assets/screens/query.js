// @ts-check
/** The workbench: write a query, see what it becomes, run it, look at the answer. */

import { empty } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { toast } from "../components/toast.js";
import { element, fill } from "../element.js";
import { counted, duration } from "../formats.js";
import { bind, keyCaps } from "../keyboard.js";
import { historyMenu, note } from "../query/history.js";
import { answer, refusal } from "../query/outcome.js";
import { cancelled, ran } from "../query/running.js";
import { translation } from "../query/translation.js";
import { vocabulary } from "../query/vocabulary.js";
import { noteAddress } from "../router.js";
import { Refusal } from "../server.js";
import { completion, spelt } from "../sql/completion.js";
import { editor } from "../sql/editor.js";
import { lineAndColumn, offsetOf } from "../sql/place.js";
import { keep, kept } from "../store.js";

const MOST_ROWS = 10_000;

/** @type {import("../screens.js").Screen} */
export function queryScreen(place) {
  /** @type {import("../sql/completion.js").Vocabulary} */
  let words = { tables: [], functions: [] };
  const told = element("p", { class: "visually-hidden", role: "status" });
  const outcome = element("div", { class: "outcome-place" });
  const shownTranslation = translation((refused) => written.mark(offsetIn(written.text(), refused)));
  const written = editor({
    label: "SQL",
    changed(text) {
      keep("sql", text);
      shownTranslation.show(text);
    },
    complete: (text, caret, always) => completion(text, caret, words, always),
  });
  const limit = number("limit", "Rows", kept("limit") ?? 1000, 1, MOST_ROWS);
  const timeout = number("timeout_seconds", "Timeout (s)", kept("timeout_seconds") ?? 60, 1, 300);
  const runButton = element("button", { type: "button", class: "button button-primary", title: "Run (Ctrl+Enter)", onclick: () => void run() }, icon("play"), "Run");
  const cancelButton = element("button", { type: "button", class: "button", hidden: true, onclick: () => void cancel() }, icon("stop"), "Cancel");
  let running = false;

  async function run() {
    const sql = written.text();
    if (running || sql.trim() === "" || !limit.field.reportValidity() || !timeout.field.reportValidity()) return;
    const parameters = { limit: limit.value(), timeout_seconds: timeout.value() };
    const done = begin();
    written.hush();
    note(sql);
    try {
      const result = await ran(sql, parameters);
      fill(outcome, answer(result));
      if (outcome.getBoundingClientRect().bottom > innerHeight) outcome.scrollIntoView({ block: "start" });
      told.textContent = `${counted(result.rows.length, "row")} in ${duration(result.metadata.execution_time_ms)}`;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      fail(error, sql, parameters);
    } finally {
      done();
    }
  }

  function begin() {
    const began = performance.now();
    const elapsed = element("span", { class: "mono" });
    const tick = () => (elapsed.textContent = duration(performance.now() - began));
    const timer = setInterval(tick, 100);
    tick();
    running = runButton.disabled = true;
    cancelButton.hidden = false;
    fill(outcome, element("div", { class: "empty" }, element("span", { class: "spinner", "aria-hidden": "true" }), element("p", {}, "Running… ", elapsed)));
    return () => {
      clearInterval(timer);
      running = runButton.disabled = false;
      cancelButton.hidden = true;
    };
  }

  /**
   * @param {Refusal} error
   * @param {string} sql
   * @param {Record<string, unknown>} parameters
   */
  function fail(error, sql, parameters) {
    const offset = offsetIn(sql, error);
    if (written.text() === sql) written.mark(offset);
    const found = offset === null ? null : lineAndColumn(sql, offset);
    fill(outcome, refusal(error, found, () => offset !== null && written.goTo(offset), { sql, parameters }));
  }

  async function cancel() {
    const reason = await cancelled(() => running).catch((error) => String(error.message));
    if (reason) toast(reason, "bad");
  }

  async function learn() {
    words = await vocabulary();
    if (outcome.childElementCount === 0 || outcome.querySelector(".welcome")) fill(outcome, welcome(words.tables, take));
  }

  /** @param {string} sql */
  function take(sql) {
    written.setText(sql);
    written.area.focus();
    written.area.scrollTo(0, 0);
  }

  const unbind = bind([
    { keys: "mod+Enter", does: "Run the query", act: () => void run() },
    { keys: "e", does: "Write in the editor", act: () => written.area.focus() },
    { keys: "mod+Space", does: "Complete what is written (in the editor)", act: () => {} },
    { keys: "mod+/", does: "Comment lines out or in (in the editor)", act: () => {} },
  ]);
  const bar = element("div", { class: "panel-head query-bar" }, runButton, cancelButton, limit.node, timeout.node, element("span", { class: "spacer" }), historyMenu(take));
  const asked = place.parameters.get("sql");
  written.setText(asked ?? kept("sql") ?? "");
  fill(outcome, welcome([], take));
  void learn();
  if (asked !== null) noteAddress("query");
  return {
    node: element("div", { class: "page workbench" }, told, element("div", { class: "workbench-top" }, element("section", { class: "panel query" }, bar, written.node), shownTranslation.node), outcome),
    close() {
      unbind();
      shownTranslation.close();
    },
  };
}

/**
 * @param {string} text
 * @param {Refusal | null} error
 * @returns {number | null}
 */
function offsetIn(text, error) {
  const position = Number(error?.details.position);
  return position >= 1 ? offsetOf(text, position) : null;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function number(name, label, value, least, most) {
  const field = element("input", { class: "field number", type: "number", required: true, min: least, max: most, value, onchange: () => keep(name, Number(field.value)) });
  return { field, node: element("label", { class: "row" }, element("span", { class: "muted" }, label), field), value: () => Number(field.value) };
}

/**
 * @param {import("../sql/completion.js").Table[]} tables
 * @param {(sql: string) => void} take
 */
function welcome(tables, take) {
  const samples = tables.slice(0, 4).map((table) => `SELECT * FROM ${table.schema === "public" ? "" : `${spelt(table.schema)}.`}${spelt(table.name)} LIMIT 100`);
  return element(
    "div",
    { class: "panel welcome" },
    empty(
      "query",
      "Ask something",
      element("p", {}, "Redshift's SQL over this tenant's tables. ", ...keyCaps("mod+Enter"), " runs it, ", ...keyCaps("mod+Space"), " completes, ", ...keyCaps("?"), " shows all keys."),
      samples.length > 0 && element("div", { class: "samples" }, samples.map((sql) => element("button", { type: "button", class: "button button-small mono", onclick: () => take(sql) }, sql))),
    ),
  );
}

// @ts-check
/** The journal: every call as it ends. */

import { empty, failure } from "../components/empty.js";
import { grid } from "../components/grid.js";
import { icon } from "../components/icon.js";
import { toast } from "../components/toast.js";
import { element, fill, say } from "../element.js";
import { counted, duration, timeOfDay } from "../formats.js";
import { add, fits, lineOf, MOST, shortened, toneOf } from "../journal/entries.js";
import { showEntry } from "../journal/entry.js";
import { stream } from "../journal/stream.js";
import { bind } from "../keyboard.js";
import { noteAddress } from "../router.js";
import { control } from "../server.js";

const REDRAWN_MILLISECONDS = 150;
const AT_FIRST = 500;

/** @type {import("../screens.js").Screen} */
export function journalScreen(place) {
  /** @type {import("../journal/entries.js").Line[]} */
  const lines = [];
  /** @type {import("../journal/entries.js").Line[]} */
  let shown = [];
  /** The calls as they were when the pause began. @type {import("../journal/entries.js").Line[] | null} */
  let paused = null;
  let missed = 0;
  let waiting = 0;
  let pressed = "";
  let end = () => {};

  const search = element("input", { class: "field", type: "search", "aria-label": "Search the calls", placeholder: "Search: POST 4xx tenant-123", value: place.parameters.get("find"), oninput: () => refresh() });
  const failed = element("input", { type: "checkbox", onchange: () => refresh() });
  const pause = element("button", { type: "button", class: "button", "aria-pressed": "false", onclick: () => toggle() }, icon("pause"), "Pause");
  const count = element("span", { class: "muted", role: "status" });
  const trouble = element("p", { class: "warn", role: "alert", hidden: true });
  const gap = element("p", { class: "warn", role: "status", hidden: true });
  const detail = element("section", { class: "panel entry", "aria-label": "Call", hidden: true });
  const table = grid({
    label: "Calls",
    columns: [
      { name: "Time", width: 11 },
      { name: "Status", width: 9, right: true },
      { name: "Method", width: 10 },
      { name: "Path", width: 34, share: 6 },
      { name: "Operation", width: 22, share: 1 },
      { name: "Tenant", width: 14 },
      { name: "Took", width: 11, right: true },
      { name: "Fault", width: 12, share: 2 },
    ],
    rows: 0,
    cell: (row, column) => cellOf(lineAt(row), column),
    open: (row) => openCall(lineAt(row).id),
  });
  // Calls that come between press and release draw the table anew, so what was pressed counts.
  table.node.addEventListener("mousedown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest(".grid-canvas .grid-cell") : null;
    const row = /-(\d+)-\d+$/.exec(cell?.id ?? "")?.[1];
    pressed = row === undefined ? "" : lineAt(Number(row)).id;
  });
  table.node.addEventListener("click", () => pressed && openCall(pressed));
  const nothing = empty("journal", "No call yet", element("p", {}, "Each call to the server appears here as it ends, without its secrets. What the console merely looks at leaves no line."));

  /** The newest stands first. @param {number} row */
  function lineAt(row) {
    return shown[shown.length - 1 - row];
  }

  function refresh() {
    if (waiting === 0) waiting = window.setTimeout(draw, REDRAWN_MILLISECONDS);
  }

  function draw() {
    waiting = 0;
    const wanted = search.value.trim();
    const known = paused ?? lines;
    shown = wanted === "" && !failed.checked ? [...known] : known.filter((line) => (!failed.checked || toneOf(line.status) !== "good") && fits(line, wanted));
    table.setRows(shown.length);
    nothing.hidden = known.length > 0;
    table.node.hidden = known.length === 0;
    say(count, shown.length === known.length ? counted(shown.length, "call") : `${shown.length} of ${counted(known.length, "call")}`);
    count.title = lines.length === MOST ? "Older ones are left out" : "";
  }

  function toggle() {
    paused = paused === null ? [...lines] : null;
    pause.setAttribute("aria-pressed", String(paused !== null));
    fill(pause, icon(paused ? "play" : "pause"), paused ? "Go on" : "Pause");
    refresh();
  }

  /** @param {string} id */
  function openCall(id) {
    noteAddress(`journal/${encodeURIComponent(id)}`);
    detail.hidden = false;
    void showEntry(detail, id, closeCall);
  }

  function closeCall() {
    noteAddress("journal");
    detail.hidden = true;
    fill(detail);
    table.node.focus();
  }

  async function begin() {
    const first = (await control("GET", `/requests?limit=${AT_FIRST}`)).json.requests;
    for (const entry of [...first].reverse()) add(lines, lineOf(entry));
    draw();
    return stream(
      lines.at(-1)?.number ?? null,
      (entry) => {
        add(lines, lineOf(entry));
        refresh();
      },
      {
        problem(text) {
          trouble.hidden = text === null;
          say(trouble, text === null ? "" : `${text} It is tried again.`);
        },
        missed(count) {
          missed += count;
          gap.hidden = false;
          say(gap, `${counted(missed, "call")} came too fast to be shown here.`);
        },
      },
    );
  }

  async function forget() {
    try {
      await control("DELETE", "/requests");
    } catch (error) {
      return toast(error instanceof Error ? error.message : String(error), "bad");
    }
    lines.length = missed = 0;
    if (paused !== null) paused = [];
    gap.hidden = true;
    draw();
  }

  let closed = false;
  begin().then((stop) => (closed ? stop() : (end = stop)), (error) => fill(nothing, failure(error)));
  if (place.rest[0]) openCall(place.rest[0]);
  const unbind = bind([
    { keys: "/", does: "Search the calls", act: () => search.focus() },
    { keys: "p", does: "Pause or go on", act: toggle },
    { keys: "Escape", does: "Close the call", act: () => detail.hidden || closeCall() },
  ]);
  const bar = element(
    "div",
    { class: "row journal-bar" },
    search,
    element("label", { class: "row" }, failed, "Only refused and failed"),
    element("span", { class: "spacer" }),
    count,
    pause,
    element("button", { type: "button", class: "button", onclick: () => void forget() }, icon("trash"), "Forget all"),
  );
  return {
    node: element("div", { class: "page journal" }, bar, trouble, gap, element("div", { class: "journal-parts" }, element("div", { class: "panel journal-table" }, nothing, table.node), detail)),
    close() {
      closed = true;
      window.clearTimeout(waiting);
      unbind();
      end();
    },
  };
}

/**
 * @param {import("../journal/entries.js").Line} line
 * @param {number} column
 * @returns {import("../components/grid.js").Cell}
 */
function cellOf(line, column) {
  const cells = [
    () => ({ text: timeOfDay(line.at), tone: "muted" }),
    () => ({ text: line.status ? String(line.status) : "–", tone: toneOf(line.status) }),
    () => ({ text: line.method }),
    () => ({ text: shortened(line.target), whole: line.target }),
    () => ({ text: line.operation, tone: "muted" }),
    () => ({ text: line.tenant }),
    () => ({ text: duration(line.milliseconds), tone: "muted" }),
    () => ({ text: line.fault, tone: "warn" }),
  ];
  return cells[column]();
}

// @ts-check
/** Jobs of both APIs on one timeline, moving as they do. */

import { empty, failure } from "../components/empty.js";
import { element, fill } from "../element.js";
import { counted, duration } from "../formats.js";
import { showJob } from "../jobs/detail.js";
import { listed } from "../jobs/listed.js";
import { pace } from "../jobs/pace.js";
import { jobRow } from "../jobs/row.js";
import { repeated } from "../repeated.js";
import { noteAddress } from "../router.js";
import { control } from "../server.js";

const LOOKED_MILLISECONDS = 1000;
const SPANS = /** @type {[string, number][]} */ ([["Last minute", 60_000], ["Last 15 minutes", 900_000], ["Last hour", 3_600_000], ["All of the list", Infinity]]);

/** @type {import("../screens.js").Screen} */
export function jobsScreen(place) {
  /** @type {Map<string, import("../jobs/row.js").Row>} */
  const rows = new Map();
  /** @type {{jobs: import("../jobs/listed.js").Listed[], now: number}} */
  let seen = { jobs: [], now: Date.now() };
  let chosen = place.rest[0] ?? "";
  let shownRecord = "";
  let closed = false;

  const length = element("select", { class: "field", "aria-label": "Time shown", onchange: () => draw() }, SPANS.map(([label], index) => element("option", { value: index }, label)));
  const kind = element("select", { class: "field", "aria-label": "Which jobs", onchange: () => draw() }, [["", "Both APIs"], ["query", "Queries"], ["bulk", "Bulk jobs"]].map(([value, label]) => element("option", { value }, label)));
  const open = element("input", { type: "checkbox", onchange: () => draw() });
  const count = element("span", { class: "muted", role: "status" });
  const scale = element("div", { class: "job-scale muted", "aria-hidden": "true" });
  const list = element("ul", { class: "job-list", "aria-label": "Jobs" });
  const trouble = element("div", {});
  const nothing = empty("jobs", "No jobs yet", element("p", {}, "Every query leaves a job, and so does each bulk job. Run one and it appears here."));
  const detail = element("section", { class: "panel job-detail", "aria-label": "Job", hidden: true });
  const steps = pace();

  async function look() {
    try {
      const found = await listed();
      if (closed) return;
      seen = found;
      await showChosen();
      fill(trouble);
      draw();
    } catch (error) {
      fill(trouble, failure(error));
    }
  }

  function draw() {
    const wanted = seen.jobs.filter((job) => (kind.value === "" || job.api === kind.value) && (!open.checked || !job.finished));
    const oldest = Math.min(seen.now - 1000, ...wanted.map((job) => job.submitted));
    const from = Math.max(oldest, seen.now - SPANS[Number(length.value)][1]);
    const shown = wanted.filter((job) => !job.finished || (job.ended ?? seen.now) >= from);
    const span = { from, to: seen.now };
    const nodes = shown.map((job) => {
      const row = rows.get(job.id) ?? jobRow(job.id, choose);
      rows.set(job.id, row);
      row.show(job, span, job.id === chosen);
      return row.node;
    });
    if (nodes.length !== list.childElementCount || nodes.some((node, index) => list.children[index] !== node)) list.replaceChildren(...nodes);
    for (const id of rows.keys()) if (!seen.jobs.some((job) => job.id === id)) rows.delete(id);
    nothing.hidden = seen.jobs.length > 0;
    count.textContent = shown.length === seen.jobs.length ? counted(shown.length, "job") : `${shown.length} of ${counted(seen.jobs.length, "job")}`;
    fill(scale, element("span", {}, `${duration(span.to - span.from)} ago`), element("span", {}, "now"));
  }

  async function showChosen() {
    const job = seen.jobs.find((each) => each.id === chosen);
    if (job === undefined) return;
    const waits = !job.finished && (await control("GET", `/jobs/${encodeURIComponent(job.id)}`)).json.waits;
    const record = JSON.stringify([job.record, waits]);
    if (record === shownRecord && !detail.hidden) return;
    shownRecord = record;
    detail.hidden = false;
    showJob(detail, job, { waits, changed: () => looking.now(), close: () => choose("") });
  }


  /** @param {string} id */
  function choose(id) {
    chosen = id === chosen ? "" : id;
    noteAddress(chosen ? `jobs/${encodeURIComponent(chosen)}` : "jobs");
    shownRecord = "";
    detail.hidden = chosen === "";
    looking.now();
  }

  void steps.look().catch(() => {});
  const looking = repeated(look, LOOKED_MILLISECONDS);
  const bar = element("div", { class: "row" }, kind, length, element("label", { class: "row" }, open, "Unfinished only"), count, element("span", { class: "spacer" }), steps.node);
  return {
    node: element("div", { class: "page jobs" }, bar, trouble, element("div", { class: "job-parts" }, element("section", { class: "panel job-panel", "aria-label": "Timeline" }, scale, nothing, list), detail)),
    close() {
      closed = true;
      looking.close();
    },
  };
}

// @ts-check
/** Jobs of both APIs on one timeline, moving as they do. */

import { empty, failure } from "../components/empty.js";
import { trouble } from "../components/trouble.js";
import { element, fill, say } from "../element.js";
import { redraw } from "../focus.js";
import { counted, duration } from "../formats.js";
import { closing, showJob } from "../jobs/detail.js";
import { found, listed } from "../jobs/listed.js";
import { pace } from "../jobs/pace.js";
import { jobRow } from "../jobs/row.js";
import { bind } from "../keyboard.js";
import { repeated } from "../repeated.js";
import { noteAddress } from "../router.js";
import { control, Refusal } from "../server.js";

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
  /** @type {{id: string, job: import("../jobs/listed.js").Listed | null} | null} */
  let other = null;
  let closed = false;

  const length = element("select", { class: "field", "aria-label": "Time shown", onchange: () => draw() }, SPANS.map(([label], index) => element("option", { value: index }, label)));
  const kind = element("select", { class: "field", "aria-label": "Which jobs", onchange: () => draw() }, [["", "Both APIs"], ["query", "Queries"], ["bulk", "Bulk jobs"]].map(([value, label]) => element("option", { value }, label)));
  const open = element("input", { type: "checkbox", onchange: () => draw() });
  const count = element("span", { class: "muted", role: "status" });
  const scale = element("div", { class: "job-scale muted", "aria-hidden": "true" });
  const list = element("ul", { class: "job-list", "aria-label": "Jobs" });
  const problem = trouble();
  const nothing = empty("jobs", "No jobs yet", element("p", {}, "Every query leaves a job, and so does each bulk job. Run one and it appears here."));
  const detail = element("section", { class: "panel job-detail", "aria-label": "Job", hidden: true });
  const steps = pace();

  async function look() {
    try {
      const jobs = await listed();
      if (closed) return;
      seen = jobs;
      await showChosen();
      problem.show(null);
      draw();
    } catch (error) {
      problem.show(error);
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
    if (nodes.length !== list.childElementCount || nodes.some((node, index) => list.children[index] !== node)) redraw(list, () => list.replaceChildren(...nodes));
    for (const id of rows.keys()) if (!seen.jobs.some((job) => job.id === id)) rows.delete(id);
    nothing.hidden = seen.jobs.length > 0;
    say(count, shown.length === seen.jobs.length ? counted(shown.length, "job") : `${shown.length} of ${counted(seen.jobs.length, "job")}`);
    fill(scale, element("span", {}, `${duration(span.to - span.from)} ago`), element("span", {}, "now"));
  }

  /**
   * Return a job that the list does not hold; it is asked for until it has ended, and no more where there is none.
   * @param {string} id
   */
  async function unlisted(id) {
    if (other?.id === id && (other.job === null || other.job.finished)) return other.job;
    const error = await found(id).then((job) => void (other = { id, job }), (refusal) => refusal);
    if (error === undefined) return other?.job ?? null;
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
    other = { id, job: null };
    detail.hidden = false;
    fill(detail, element("div", { class: "panel-head" }, element("h2", {}, "Job"), element("span", { class: "spacer" }), closing(close)), failure(error));
    return null;
  }

  async function showChosen() {
    if (chosen === "") return;
    const asked = chosen;
    const job = seen.jobs.find((each) => each.id === chosen) ?? (await unlisted(chosen));
    if (asked !== chosen || job === null) return;
    const waits = !job.finished && (await control("GET", `/jobs/${encodeURIComponent(job.id)}`)).json.waits;
    if (asked !== chosen) return;
    const record = JSON.stringify([job.record, waits]);
    if (record === shownRecord && !detail.hidden) return;
    shownRecord = record;
    detail.hidden = false;
    showJob(detail, job, { waits, changed: () => looking.now(), close });
  }

  function close() {
    const row = rows.get(chosen)?.node.querySelector("button");
    choose("");
    (row ?? kind).focus();
  }

  /** @param {string} id */
  function choose(id) {
    chosen = id === chosen ? "" : id;
    noteAddress(chosen ? `jobs/${encodeURIComponent(chosen)}` : "jobs");
    shownRecord = "";
    detail.hidden = chosen === "";
    looking.now();
  }

  const unbind = bind([{ keys: "Escape", does: "Close the job", act: () => detail.hidden || close() }]);
  void steps.look().catch(() => {});
  const looking = repeated(look, LOOKED_MILLISECONDS);
  const bar = element("div", { class: "row" }, kind, length, element("label", { class: "row" }, open, "Unfinished only"), count, element("span", { class: "spacer" }), steps.node);
  return {
    node: element("div", { class: "page jobs" }, bar, problem.node, element("div", { class: "job-parts" }, element("section", { class: "panel job-panel", "aria-label": "Timeline" }, scale, nothing, list), detail)),
    close() {
      closed = true;
      unbind();
      looking.close();
    },
  };
}

// @ts-check
/** A bulk job from its upload to its results. */

import { failure } from "../components/empty.js";
import { grid } from "../components/grid.js";
import { icon } from "../components/icon.js";
import { trouble } from "../components/trouble.js";
import { toast } from "../components/toast.js";
import { element, fill, say } from "../element.js";
import { redraw } from "../focus.js";
import { counted, size } from "../formats.js";
import { repeated } from "../repeated.js";
import { api, Refusal } from "../server.js";
import { records } from "./csv.js";
import { uploadPlace } from "./upload.js";

const LOOKED_MILLISECONDS = 1500;
const AFTER_LIMIT_MILLISECONDS = 15_000;
const PATH = ["Open", "UploadComplete", "InProgress", "JobComplete"];
const ENDS = ["JobComplete", "Failed", "Aborted"];

/**
 * @param {string} id
 * @param {() => void} changed Told of each new state.
 * @returns {{node: HTMLElement, close: () => void}}
 */
export function jobView(id, changed) {
  const path = `/bulk/jobs/${encodeURIComponent(id)}`;
  const head = element("div", { class: "panel-head" });
  const steps = element("ol", { class: "bulk-steps", "aria-label": "States of the job" });
  const problem = trouble();
  const place = element("div", { class: "column" });
  const told = element("span", { class: "muted", role: "status" });
  const upload = uploadPlace(async () => (await api("GET", `${path}/upload-url`)).json.upload_url, () => complete.focus());
  const complete = element("button", { type: "button", class: "button button-primary", onclick: () => void move("UploadComplete") }, icon("check"), "The upload is complete: begin");
  let shown = "";

  /** @returns {Promise<number>} How long to wait, negative where nothing will change any more. */
  async function look() {
    try {
      const job = (await api("GET", path)).json;
      problem.show(null);
      show(job);
      return ENDS.includes(job.state) ? -1 : LOOKED_MILLISECONDS;
    } catch (error) {
      problem.show(error);
      if (!(error instanceof Refusal)) return LOOKED_MILLISECONDS;
      if ([401, 403, 404].includes(error.status)) return -1;
      return error.status === 429 ? AFTER_LIMIT_MILLISECONDS : LOOKED_MILLISECONDS;
    }
  }

  /** @param {any} job */
  function show(job) {
    say(told, `${counted(Number(job.number_records_processed), "record")} done, ${Number(job.number_records_failed)} refused`);
    if (shown === job.state) return;
    shown = job.state;
    const ended = ENDS.includes(job.state);
    const parts = [
      element("h2", {}, job.operation === "query" ? `Export of ${job.object}` : `${job.operation} ${job.object}`),
      element("code", { class: "muted bulk-id" }, job.job_id),
      element("span", { class: "spacer" }),
      !ended && element("button", { type: "button", class: "button button-small", onclick: () => void move("Aborted") }, icon("stop"), "Abort"),
    ];
    redraw(head, () => fill(head, parts));
    drawSteps(job.state);
    changed();
    if (job.state === "Open") return opened(job);
    upload.close();
    if (job.state === "Failed") return put(failure(job.error));
    if (job.state === "Aborted") return put(element("p", {}, "The job was aborted. Nothing was changed."));
    if (job.state === "JobComplete") return void showResults(job);
    put(element("div", { class: "row" }, element("span", { class: "spinner", "aria-hidden": "true" }), element("p", { class: "muted" }, "The server works on it.")));
  }

  /** @param {...import("../element.js").Child} parts */
  function put(...parts) {
    redraw(place, () => fill(place, parts));
  }

  /** @param {any} job */
  function opened(job) {
    const exporting = job.operation === "query";
    put(exporting ? element("p", { class: "muted" }, "The export begins when it is told to.") : upload.node, element("div", {}, complete));
  }

  /** @param {string} state */
  function drawSteps(state) {
    const reached = PATH.includes(state) ? PATH : [...PATH.slice(0, -1), state];
    const at = reached.indexOf(state);
    fill(
      steps,
      reached.map((name, index) => element("li", { class: index < at || ENDS.includes(state) ? "step-done" : "", "aria-current": index === at ? "step" : null, data: { state: name } }, name)),
    );
  }

  /** @param {string} state */
  async function move(state) {
    try {
      await api("PATCH", path, { body: { state } });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      toast(`${error.code}: ${error.message}`, "bad");
    }
    looking.now();
  }

  /** @param {any} job */
  async function showResults(job) {
    try {
      const results = (await api("GET", `${path}/results`)).json;
      put(job.operation === "query" ? exported(results) : imported(results));
      if (Number(results.number_records_failed) > 0) place.append(await refusedRecords());
    } catch (error) {
      put(failure(error));
    }
  }

  async function refusedRecords() {
    const { text } = await api("GET", `${path}/failed-results`);
    const [header = [], ...rows] = records(text);
    const table = grid({
      label: "Refused records",
      columns: header.map((name) => ({ name })),
      rows: rows.length,
      cell: (row, column) => ({ text: rows[row][column] ?? "", tone: column === header.length - 1 ? "bad" : undefined }),
    });
    return element("section", { class: "column", "aria-label": "Refused records" }, element("h3", {}, "Refused records"), element("div", { class: "refused", style: { "--rows": String(rows.length) } }, table.node));
  }

  const looking = repeated(look, LOOKED_MILLISECONDS);
  return {
    node: element("section", { class: "panel", "aria-label": "Bulk job" }, head, element("div", { class: "panel-body column" }, steps, told, problem.node, place)),
    close() {
      looking.close();
      upload.close();
    },
  };
}

/** @param {any} results */
function exported(results) {
  const packed = results.compression === "none" ? "" : `, ${results.compression}`;
  return element(
    "div",
    { class: "row" },
    element("a", { class: "button button-primary", href: results.download_url, download: "" }, icon("download"), "Download"),
    element("span", { class: "muted" }, `${results.format}${packed}, ${size(Number(results.size_bytes))}; the link is good until ${results.expires_at}`),
  );
}

/** @param {any} results */
function imported(results) {
  const refused = Number(results.number_records_failed);
  return element("p", {}, element("strong", { class: "good" }, counted(Number(results.number_records_processed), "record")), " went in, ", element("strong", { class: refused ? "bad" : "" }, String(results.number_records_failed)), refused === 1 ? " was refused." : " were refused.");
}

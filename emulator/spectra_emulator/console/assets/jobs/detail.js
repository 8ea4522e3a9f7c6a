// @ts-check
/** A job's record, and what may be done with it. */

import { copy } from "../clipboard.js";
import { dialog } from "../components/dialog.js";
import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { toast } from "../components/toast.js";
import { element, fill } from "../element.js";
import { written } from "../exact_json.js";
import { redraw } from "../focus.js";
import { go } from "../router.js";
import { api, control, Refusal } from "../server.js";
import { CODES } from "../vocabulary.js";

/** @typedef {import("./listed.js").Listed} Listed */

/**
 * Fill a place with a job.
 * @param {HTMLElement} place
 * @param {Listed} job
 * @param {{waits: boolean, changed: () => void, close: () => void}} around `waits`: it stands before a step; `changed` is told after something was done.
 */
export function showJob(place, job, around) {
  const parts = [
    element(
      "div",
      { class: "panel-head" },
      element("span", { class: `badge badge-${job.tone}` }, job.state),
      element("h2", {}, job.what),
      around.waits && element("span", { class: "badge badge-warn" }, "waits for a step"),
      element("span", { class: "spacer" }),
      closing(around.close),
    ),
    element("div", { class: "panel-body column" }, actions(job, around), failed(job), facts(job)),
  ];
  redraw(place, () => fill(place, parts));
}

/** @param {() => void} close */
export function closing(close) {
  return element("button", { type: "button", class: "button button-icon", "aria-label": "Close the job", onclick: close }, icon("close"));
}

/**
 * @param {Listed} job
 * @param {{waits: boolean, changed: () => void}} around
 */
function actions(job, { waits, changed }) {
  const path = encodeURIComponent(job.id);
  /** @param {string} label @param {() => Promise<unknown>} act @param {import("../components/icon.js").IconName} picture */
  const button = (label, act, picture) => element("button", { type: "button", class: "button button-small", onclick: () => void done(act, changed) }, icon(picture), label);
  const move = (/** @type {string} */ name) => () => control("POST", `/jobs/${path}/${name}`);
  const unfinished = [
    button("Cancel", () => cancel(job), "stop"),
    waits ? button("Advance one step", move("advance"), "play") : button("Hold before its next step", move("hold"), "pause"),
    waits && button("Release", move("release"), "check"),
    button("Fail…", () => fail(path), "warning"),
  ];
  return element(
    "div",
    { class: "row" },
    job.finished ? null : unfinished.filter((each) => each !== false),
    job.api === "bulk" && button("Open in Bulk", async () => go(`bulk/${path}`), "bulk"),
    button("Copy the record", () => copy(written(job.record, 2), "Record"), "copy"),
  );
}

/**
 * @param {() => Promise<unknown>} act
 * @param {() => void} changed
 */
async function done(act, changed) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    toast(`${error.code}: ${error.message}`, "bad");
  }
  changed();
}

/** @param {Listed} job */
function cancel(job) {
  return api("DELETE", `/jobs/${encodeURIComponent(job.id)}`);
}

/** @param {string} path */
async function fail(path) {
  const code = element("select", { class: "field", id: "fail-code" }, CODES.map((each) => element("option", { value: each, selected: each === "INTERNAL_ERROR" }, each)));
  const message = element("input", { class: "field", id: "fail-message", maxlength: 500 });
  await dialog({
    title: "Fail the job",
    body: [element("label", { class: "label", for: "fail-code" }, "Error code"), code, element("label", { class: "label", for: "fail-message" }, "Message (else the usual one)"), message],
    confirm: "Fail it",
    dangerous: true,
    first: code,
    act: () => control("POST", `/jobs/${path}/fail`, { body: { code: code.value, message: message.value || null } }),
  });
}

/** @param {Listed} job */
function failed(job) {
  const error = job.record.error;
  return error ? failure(error) : null;
}

/** @param {Listed} job */
function facts(job) {
  const told = Object.entries(job.record).filter(([name, value]) => name !== "error" && value !== null && typeof value !== "object");
  return element("dl", { class: "job-facts" }, told.flatMap(([name, value]) => [element("dt", {}, name), element("dd", { class: "mono" }, String(value))]));
}

// @ts-check
/** The bulk wizard: choose, upload, watch, fetch. */

import { jobView } from "../bulk/job_view.js";
import { requestForm } from "../bulk/request_form.js";
import { empty, failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { redraw } from "../focus.js";
import { timeOfDay } from "../formats.js";
import { go } from "../router.js";
import { api } from "../server.js";

const LISTED = 20;

/** @type {import("../screens.js").Screen} */
export function bulkScreen(place) {
  const id = place.rest[0] ?? "";
  const list = element("div", {});
  const view = id ? jobView(id, () => void look()) : null;
  const form = element("section", { class: "panel", "aria-label": "New bulk job" }, element("div", { class: "panel-head" }, element("h2", {}, "New bulk job")), element("div", { class: "panel-body" }, requestForm((job) => go(`bulk/${encodeURIComponent(job.job_id)}`))));

  async function look() {
    try {
      const { jobs } = (await api("GET", `/bulk/jobs?limit=${LISTED}`)).json;
      redraw(list, () => fill(list, jobs.length ? element("ul", { class: "bulk-list" }, jobs.map(link)) : empty("bulk", "No bulk jobs yet", element("p", {}, "Create one above: its upload, its states and its results are followed here."))));
    } catch (error) {
      fill(list, failure(error));
    }
  }

  /** @param {any} job */
  function link(job) {
    const what = job.operation === "query" ? `export of ${job.object}` : `${job.operation} ${job.object}`;
    return element(
      "li",
      {},
      element("a", { class: "bulk-link", href: `#/bulk/${encodeURIComponent(job.job_id)}`, "aria-current": job.job_id === id ? "true" : null }, element("span", { class: `badge badge-${toneOf(job.state)}` }, job.state), element("span", {}, what), element("span", { class: "muted mono" }, timeOfDay(job.created_at))),
    );
  }

  if (view === null) void look();
  return {
    node: element(
      "div",
      { class: "page" },
      id && element("div", {}, element("a", { class: "button", href: "#/bulk" }, icon("plus"), "New bulk job")),
      view?.node ?? form,
      element("section", { class: "panel", "aria-label": "Bulk jobs" }, element("div", { class: "panel-head" }, element("h2", {}, "Bulk jobs"), element("span", { class: "spacer" }), element("button", { type: "button", class: "button button-icon", "aria-label": "Look again", onclick: () => void look() }, icon("refresh"))), list),
    ),
    close: () => view?.close(),
  };
}

/** @param {string} state */
function toneOf(state) {
  return { JobComplete: "good", Failed: "bad", Aborted: "warn" }[state] ?? "accent";
}

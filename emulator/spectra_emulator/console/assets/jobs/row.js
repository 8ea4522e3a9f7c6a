// @ts-check
/** One job on the timeline. */

import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { duration } from "../formats.js";

/** @typedef {import("./listed.js").Listed} Listed */

/**
 * @typedef {object} Span The time that the timeline shows, in milliseconds of the server's clock.
 * @property {number} from
 * @property {number} to
 */

/**
 * @typedef {object} Row
 * @property {HTMLLIElement} node
 * @property {(job: Listed, span: Span, chosen: boolean) => void} show
 */

/**
 * @param {string} id
 * @param {(id: string) => void} open
 * @returns {Row}
 */
export function jobRow(id, open) {
  const state = element("span", { class: "badge" });
  const what = element("span", { class: "job-what" });
  const took = element("span", { class: "job-took mono muted" });
  const waited = element("span", { class: "job-waited" });
  const ran = element("span", { class: "job-ran" });
  const button = element(
    "button",
    { type: "button", class: "job-open", onclick: () => open(id) },
    state,
    element("span", { class: "job-name" }, what, element("code", {}, id)),
    element("span", { class: "job-line", "aria-hidden": "true" }, waited, ran),
    took,
  );
  const node = element("li", { class: "job" }, button);

  /**
   * @param {Listed} job
   * @param {Span} span
   * @param {boolean} chosen
   */
  function show(job, span, chosen) {
    const end = job.ended ?? span.to;
    const start = job.started ?? (job.finished ? job.submitted : end);
    state.className = `badge badge-${job.tone}`;
    fill(state, !job.finished && icon("time"), job.state);
    what.textContent = job.what;
    took.textContent = duration(job.milliseconds ?? Math.max(0, end - job.submitted));
    button.setAttribute("aria-expanded", String(chosen));
    node.classList.toggle("job-chosen", chosen);
    ran.className = `job-ran ran-${job.tone}`;
    stretch(waited, span, job.submitted, start);
    stretch(ran, span, start, end);
  }

  return { node, show };
}

/**
 * @param {HTMLElement} bar
 * @param {Span} span
 * @param {number} from
 * @param {number} to
 */
function stretch(bar, span, from, to) {
  const length = Math.max(1, span.to - span.from);
  const left = Math.min(1, Math.max(0, (from - span.from) / length));
  const right = Math.min(1, Math.max(left, (to - span.from) / length));
  bar.style.left = `${left * 100}%`;
  bar.style.width = `${(right - left) * 100}%`;
}

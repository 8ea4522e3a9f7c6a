// @ts-check
/** The server's clock: what it shows, and how it is stopped and moved. */

import { icon } from "../components/icon.js";
import { trouble } from "../components/trouble.js";
import { element, fill } from "../element.js";
import { span } from "../formats.js";
import { control } from "../server.js";
import { SPAN } from "../vocabulary.js";

const TICK_MILLISECONDS = 250;
const LOOKED_EVERY = 8;
const STEPS = ["1m", "1h", "24h"];

/**
 * Return the clock's panel; `close` ends its ticking.
 * @returns {{node: HTMLElement, close: () => void}}
 */
export function clockPanel() {
  /** @type {{now: number, frozen: boolean, offset: number, at: number} | null} */
  let seen = null;
  let ticks = 0;
  let lost = false;
  const face = element("output", { class: "clock-face mono", "aria-label": "The server's time" }, "…");
  const state = element("span", { class: "badge" });
  const offset = element("span", { class: "muted" });
  const problem = trouble();
  const toggle = element("button", { type: "button", class: "button", onclick: () => void put({ action: seen?.frozen ? "resume" : "freeze" }) });
  const by = element("input", { class: "field number", "aria-label": "Span to advance by", pattern: SPAN, required: true, value: "90s", title: "A number with s, m, h or d" });
  const at = element("input", { class: "field", type: "datetime-local", step: 1, required: true, "aria-label": "Time to set, in UTC" });

  /** @param {any} clock */
  function take(clock) {
    seen = { now: Date.parse(clock.now), frozen: Boolean(clock.frozen), offset: Number(clock.offset_seconds), at: performance.now() };
    state.className = seen.frozen ? "badge badge-warn" : "badge badge-good";
    state.textContent = seen.frozen ? "frozen" : "running";
    fill(toggle, icon(seen.frozen ? "play" : "pause"), seen.frozen ? "Resume" : "Freeze");
    offset.textContent = Math.abs(seen.offset) < 1 ? "as the machine's clock" : `${span(Math.abs(seen.offset))} ${seen.offset > 0 ? "ahead of" : "behind"} the machine's clock`;
    draw();
  }

  function draw() {
    if (seen === null) return;
    const now = new Date(seen.frozen ? seen.now : seen.now + performance.now() - seen.at);
    face.textContent = now.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
    if (at.value === "" && document.activeElement !== at) at.value = now.toISOString().slice(0, 19);
  }

  /** @param {Record<string, unknown>} body */
  async function put(body) {
    try {
      take((await control("PUT", "/clock", { body })).json);
      problem.show(null);
    } catch (error) {
      problem.show(error);
    }
  }

  async function look() {
    try {
      take((await control("GET", "/clock")).json);
      if (lost) problem.show(null);
      lost = false;
    } catch (error) {
      lost = true;
      problem.show(error);
    }
  }

  const timer = window.setInterval(() => {
    if (document.hidden) return;
    ticks += 1;
    if (ticks % LOOKED_EVERY === 0) void look();
    else draw();
  }, TICK_MILLISECONDS);
  void look();
  const advance = element("form", { class: "row", onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void put({ action: "advance", by: by.value })) }, by, element("button", { type: "submit", class: "button" }, "Advance"));
  const set = element("form", { class: "row", onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void put({ action: "set", at: `${at.value.length === 16 ? `${at.value}:00` : at.value}Z` })) }, at, element("button", { type: "submit", class: "button" }, "Set"));
  const steps = STEPS.map((step) => element("button", { type: "button", class: "button", onclick: () => void put({ action: "advance", by: step }) }, `+${step}`));
  return {
    node: element(
      "section",
      { class: "panel", "aria-label": "Clock" },
      element("div", { class: "panel-head" }, element("h2", {}, "Clock"), state),
      element(
        "div",
        { class: "panel-body column" },
        face,
        offset,
        element("div", { class: "row" }, toggle, steps, advance, set, element("button", { type: "button", class: "button", onclick: () => void put({ action: "reset" }) }, "Back to the machine's time")),
        element("p", { class: "muted" }, "Every timestamp and expiry, the rate windows, tokens, links and SQL's current time go by it. Timeouts are counted in real seconds."),
        problem.node,
      ),
    ),
    close: () => window.clearInterval(timer),
  };
}

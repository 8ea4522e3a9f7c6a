// @ts-check
/** How jobs step from state to state: by themselves, after a delay, or when told. */

import { toast } from "../components/toast.js";
import { element } from "../element.js";
import { control, Refusal } from "../server.js";
import { SPAN } from "../vocabulary.js";

/**
 * Return the choice, set as it stands on the server.
 * @returns {{node: HTMLElement, look: () => Promise<void>}}
 */
export function pace() {
  const chosen = element(
    "select",
    { class: "field", "aria-label": "How jobs step", onchange: () => void change() },
    element("option", { value: "automatic" }, "Jobs step by themselves"),
    element("option", { value: "delayed" }, "after a delay"),
    element("option", { value: "manual" }, "when told"),
  );
  const delay = element("input", { class: "field number", "aria-label": "Delay before each step, such as 2s", value: "2s", pattern: SPAN, required: true, hidden: true, onchange: () => void change() });

  /** @param {any} steps */
  function show(steps) {
    chosen.value = steps.pace;
    delay.hidden = steps.pace !== "delayed";
    if (steps.pace === "delayed" && document.activeElement !== delay) delay.value = `${Math.round(Number(steps.delay_seconds))}s`;
  }

  async function change() {
    delay.hidden = chosen.value !== "delayed";
    if (!delay.hidden && !delay.reportValidity()) return;
    try {
      show((await control("PUT", "/jobs", { body: { pace: chosen.value, delay: delay.hidden ? null : delay.value } })).json);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      toast(error.message, "bad");
    }
  }

  return { node: element("div", { class: "row" }, chosen, delay), look: async () => show((await control("GET", "/jobs")).json) };
}

// @ts-check
/** The clock and the faults. */

import { element } from "../element.js";
import { clockPanel } from "../time/clock.js";
import { faultsPanel } from "../time/faults.js";

/** @type {import("../screens.js").Screen} */
export function timeScreen() {
  const parts = [clockPanel(), faultsPanel()];
  return {
    node: element("div", { class: "page" }, parts.map((part) => part.node)),
    close() {
      for (const part of parts) part.close();
    },
  };
}

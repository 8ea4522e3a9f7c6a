// @ts-check
/** Short messages that go by themselves. */

import { element } from "../element.js";

const SHOWN_MILLISECONDS = 4000;
const MOST = 4;

/**
 * @param {string} text
 * @param {"plain" | "good" | "bad"} [tone]
 */
export function toast(text, tone = "plain") {
  const shown = document.getElementById("toasts");
  if (shown === null) return;
  const made = element("div", { class: `toast toast-${tone}` }, text);
  shown.append(made);
  while (shown.childElementCount > MOST) shown.firstElementChild?.remove();
  setTimeout(() => made.remove(), tone === "bad" ? SHOWN_MILLISECONDS * 2 : SHOWN_MILLISECONDS);
}

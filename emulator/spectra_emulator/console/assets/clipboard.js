// @ts-check
/** Copies text, and gives it as a file. */

import { toast } from "./components/toast.js";
import { element } from "./element.js";

/**
 * Copy a text and say so.
 * @param {string} text
 * @param {string} what Such as `CSV`.
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  toast(`${what} copied`);
}

/**
 * Give a text as a file.
 * @param {string} name
 * @param {string} text
 * @param {string} mediaType
 */
export function download(name, text, mediaType) {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * Copy where the page's origin is not trusted with the clipboard, as over plain HTTP from another machine.
 * @param {string} text
 */
function copyBySelection(text) {
  const area = element("textarea", { class: "visually-hidden", "aria-hidden": "true", value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

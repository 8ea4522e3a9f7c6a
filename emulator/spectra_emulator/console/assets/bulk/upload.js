// @ts-check
/** Uploads a file by its link, by drag and drop or by choice, with progress. */

import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { size } from "../formats.js";
import { Refusal } from "../server.js";

/**
 * @param {() => Promise<string>} link Asks for the link that the file goes to.
 * @param {(file: File) => void} uploaded
 * @returns {{node: HTMLElement, close: () => void}}
 */
export function uploadPlace(link, uploaded) {
  const input = element("input", { type: "file", class: "visually-hidden", id: "upload-file", onchange: () => input.files?.[0] && void take(input.files[0]) });
  const told = element("div", { role: "status" });
  /** @type {XMLHttpRequest | null} */
  let sending = null;
  let [busy, closed] = [false, false];
  const node = element(
    "div",
    { class: "drop" },
    icon("bulk"),
    element("p", {}, "Drop the file here, or ", input, element("label", { class: "button button-small", for: "upload-file" }, "choose one")),
    told,
  );

  /** @param {File} file */
  async function take(file) {
    if (busy || closed) return;
    busy = true;
    const bar = element("progress", { max: Math.max(1, file.size), value: 0, "aria-label": "Uploaded" });
    const share = element("span", { class: "muted mono" });
    fill(told, element("div", { class: "row drop-progress" }, element("strong", {}, file.name), bar, share, element("button", { type: "button", class: "button button-small", onclick: () => sending?.abort() }, "Stop")));
    try {
      const url = await link();
      if (closed) return;
      await put(url, file, (bytes) => {
        bar.value = bytes;
        share.textContent = `${size(bytes)} of ${size(file.size)}`;
      });
      fill(told, element("p", { class: "good" }, `${file.name} is uploaded, ${size(file.size)}.`));
      uploaded(file);
    } catch (error) {
      fill(told, failure(error));
    } finally {
      sending = null;
      busy = false;
      input.value = "";
    }
  }

  /**
   * @param {string} url
   * @param {File} file
   * @param {(bytes: number) => void} progress
   * @returns {Promise<void>}
   */
  function put(url, file, progress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      sending = request;
      request.open("PUT", url);
      request.upload.addEventListener("progress", (event) => progress(event.loaded));
      request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(refused(request))));
      request.addEventListener("error", () => reject(new Refusal("UNREACHABLE", "The object store gave no answer.")));
      request.addEventListener("abort", () => reject(new Refusal("STOPPED", "The upload was stopped. The link takes the file again.")));
      request.send(file);
    });
  }

  node.addEventListener("dragover", (event) => {
    event.preventDefault();
    node.classList.add("drop-over");
  });
  node.addEventListener("dragleave", () => node.classList.remove("drop-over"));
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    node.classList.remove("drop-over");
    const file = event.dataTransfer?.files[0];
    if (file) void take(file);
  });
  return {
    node,
    close() {
      closed = true;
      sending?.abort();
    },
  };
}

/** @param {XMLHttpRequest} request */
function refused(request) {
  const [, code] = /<Code>([^<]*)<\/Code>/.exec(request.responseText) ?? [];
  const [, message] = /<Message>([^<]*)<\/Message>/.exec(request.responseText) ?? [];
  return new Refusal(code ?? `HTTP ${request.status}`, message ?? "The object store refused the file.", {}, request.status);
}

// @ts-check
/** The contract: every operation, with a way to try it. */

import { download } from "../clipboard.js";
import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { prose } from "../components/prose.js";
import { toast } from "../components/toast.js";
import { operations } from "../contract/document.js";
import { tryIt } from "../contract/try_it.js";
import { element, fill } from "../element.js";
import { noteAddress } from "../router.js";
import { address, control } from "../server.js";

const TONES = /** @type {Record<string, string>} */ ({ GET: "good", POST: "accent", PUT: "accent", PATCH: "accent", DELETE: "bad" });

/** @type {import("../screens.js").Screen} */
export function contractScreen(place) {
  const asked = place.rest[0] ?? "";
  const list = element("div", { class: "column" });
  const search = element("input", { class: "field", type: "search", "aria-label": "Find an operation", placeholder: "Find an operation", oninput: () => draw() });
  /** @type {import("../contract/document.js").Operation[]} */
  let all = [];

  function draw() {
    const wanted = search.value.trim().toLowerCase();
    const found = all.filter((each) => `${each.id} ${each.method} ${each.path} ${each.summary}`.toLowerCase().includes(wanted));
    const tags = [...new Set(found.map((each) => each.tag))];
    fill(list, tags.map((tag) => element("section", { class: "panel", "aria-label": tag }, element("div", { class: "panel-head" }, element("h2", {}, tag)), found.filter((each) => each.tag === tag).map(entry))));
  }

  /** @param {import("../contract/document.js").Operation} operation */
  function entry(operation) {
    const content = element("div", { class: "operation-body" });
    const node = element(
      "details",
      { class: "operation" },
      element("summary", {}, element("span", { class: `badge badge-${TONES[operation.method]} method` }, operation.method), element("code", {}, operation.path), element("span", { class: "muted" }, operation.summary)),
      content,
    );
    node.addEventListener("toggle", () => {
      if (!node.open) return;
      noteAddress(`contract/${operation.id}`);
      if (content.childElementCount === 0) fill(content, told(operation), tryIt(operation));
    });
    if (operation.id === asked) {
      node.open = true;
      requestAnimationFrame(() => node.scrollIntoView());
    }
    return node;
  }

  async function look() {
    try {
      all = await operations();
      draw();
    } catch (error) {
      fill(list, failure(error));
    }
  }

  void look();
  return {
    node: element(
      "div",
      { class: "page" },
      element("div", { class: "row" }, search, element("span", { class: "spacer" }), element("a", { class: "button", href: address("/v1/openapi.json"), target: "_blank", rel: "noopener" }, "openapi.json"), element("button", { type: "button", class: "button", onclick: () => void saved() }, icon("download"), "Control plane's")),
      list,
    ),
  };
}

/**
 * Return a text without the line breaks inside its sentences.
 * @param {string} text
 */
function unwrapped(text) {
  return text.trim().replace(/([^.:!?\n])\n(?=[^\n\s|*-])/g, "$1 ");
}

/** Give the control plane's document as a file: a link could not carry the control token. */
async function saved() {
  try {
    download("control-plane.openapi.json", (await control("GET", "/openapi.json")).text, "application/json");
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), "bad");
  }
}

/** @param {import("../contract/document.js").Operation} operation */
function told(operation) {
  return element(
    "div",
    { class: "column" },
    operation.description && element("p", { class: "operation-description" }, prose(unwrapped(operation.description))),
    element("dl", { class: "operation-answers" }, operation.answers.flatMap(({ status, description }) => [element("dt", { class: "mono" }, status), element("dd", {}, prose(description))])),
  );
}

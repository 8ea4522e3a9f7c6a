// @ts-check
/** The editor: a plain text area over a layer that shows its text in colours, with numbered lines and completion. */

import { element, fill } from "../element.js";
import { completionList } from "./completion_list.js";
import { lineAndColumn, wordEnd } from "./place.js";
import { tokens } from "./tokens.js";

const MOST_COLOURED = 30_000;
/** What opens the completions by itself; pasted and undone text does not. */
const TYPED = new Set(["insertText", "deleteContentBackward"]);

/**
 * @typedef {object} Editor
 * @property {HTMLElement} node
 * @property {HTMLTextAreaElement} area
 * @property {() => string} text
 * @property {(text: string) => void} setText
 * @property {(offset: number | null) => void} mark Underline the word at the offset as wrong; null takes the mark away.
 * @property {(offset: number) => void} goTo
 * @property {() => void} hush Close the completions.
 */

/**
 * @param {object} options
 * @param {string} options.label
 * @param {(text: string) => void} options.changed
 * @param {(text: string, caret: number, always: boolean) => import("./completion.js").Completion | null} options.complete
 * @returns {Editor}
 */
export function editor({ label, changed, complete }) {
  const area = element("textarea", {
    class: "editor-area",
    "aria-label": label,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    wrap: "off",
    rows: 1,
    "aria-autocomplete": "list",
    oninput: (/** @type {InputEvent} */ event) => (edited(), TYPED.has(event.inputType) ? list.offer(false) : list.close()),
    onscroll: () => (follow(), list.close()),
    onblur: () => list.close(),
    onclick: () => list.close(),
  });
  const layer = element("pre", { class: "editor-layer", "aria-hidden": "true" });
  const numbers = element("pre", { class: "editor-numbers", "aria-hidden": "true" });
  const body = element("div", { class: "editor-body" }, layer, area);
  const list = completionList(area, layer, complete, insert);
  /** @type {number | null} */
  let marked = null;

  area.addEventListener("keydown", (event) => {
    if (list.pressed(event)) return;
    if ((event.ctrlKey || event.metaKey) && event.key === " ") {
      event.preventDefault();
      list.offer(true);
    } else if ((event.ctrlKey || event.metaKey) && event.key === "/") {
      event.preventDefault();
      toggleComment();
    }
  });

  function edited() {
    marked = null;
    draw();
    changed(area.value);
  }

  function draw() {
    const text = area.value;
    const found = text.length > MOST_COLOURED ? [] : tokens(text);
    const end = marked === null ? -1 : wordEnd(text, marked);
    const spans = found.map((token) => {
      const wrong = marked !== null && token.start < end && token.end > marked;
      const kind = `${token.kind === "other" || token.kind === "name" ? "" : `sql-${token.kind}`}${wrong ? " sql-wrong" : ""}`;
      const part = text.slice(token.start, token.end);
      return kind ? element("span", { class: kind }, part) : part;
    });
    fill(layer, ...(found.length ? spans : [text]), marked !== null && marked >= text.length && element("span", { class: "sql-wrong" }, " "), "\n");
    drawNumbers(text);
    follow();
  }

  /** @param {string} text */
  function drawNumbers(text) {
    const wrong = marked === null ? 0 : lineAndColumn(text, marked).line;
    const lines = text.split("\n").map((_, place) => {
      const number = String(place + 1);
      return place + 1 === wrong ? element("span", { class: "wrong-line" }, number) : number;
    });
    fill(numbers, ...lines.flatMap((line) => [line, "\n"]));
  }

  function follow() {
    layer.scrollTop = area.scrollTop;
    layer.scrollLeft = area.scrollLeft;
    numbers.scrollTop = area.scrollTop;
  }

  /**
   * Put text in the place of what stands from `from` to the caret, so that undo takes it back.
   * @param {number} from
   * @param {string} text
   */
  function insert(from, text) {
    area.setSelectionRange(from, area.selectionEnd);
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, from, area.selectionEnd, "end");
      edited();
    }
    list.close();
  }

  function toggleComment() {
    const first = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const after = area.value.indexOf("\n", area.selectionEnd);
    const last = after < 0 ? area.value.length : after;
    const lines = area.value.slice(first, last).split("\n");
    const commented = lines.every((line) => /^\s*--/.test(line));
    const next = lines.map((line) => (commented ? line.replace(/^(\s*)-- ?/, "$1") : `-- ${line}`)).join("\n");
    area.setSelectionRange(first, last);
    insert(first, next);
  }

  draw();
  return {
    node: element("div", { class: "editor" }, numbers, body, list.node),
    area,
    text: () => area.value,
    setText(text) {
      area.value = text;
      edited();
    },
    mark(offset) {
      marked = offset;
      draw();
    },
    hush: list.close,
    goTo(offset) {
      area.focus();
      area.setSelectionRange(offset, wordEnd(area.value, offset));
    },
  };
}

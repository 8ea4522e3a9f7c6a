// @ts-check
/** The list that opens under the caret. */

import { element, fill } from "../element.js";

const LIST_PIXELS = 240;

/**
 * @param {HTMLTextAreaElement} area
 * @param {HTMLElement} layer Shows the same text in the same place.
 * @param {(text: string, caret: number, always: boolean) => import("./completion.js").Completion | null} complete
 * @param {(from: number, text: string) => void} insert
 */
export function completionList(area, layer, complete, insert) {
  const node = element("div", { class: "completion", role: "listbox", id: "completion", "aria-label": "Completions", hidden: true });
  /** @type {import("./completion.js").Completion | null} */
  let offered = null;
  let chosen = 0;
  area.setAttribute("aria-controls", "completion");

  /** @param {boolean} always */
  function offer(always) {
    const caret = area.selectionStart;
    offered = caret === area.selectionEnd ? complete(area.value, caret, always) : null;
    chosen = 0;
    if (offered === null) return close();
    draw(offered);
    stand(offered.from);
  }

  /** @param {import("./completion.js").Completion} completion */
  function draw(completion) {
    fill(
      node,
      completion.items.map((item, place) =>
        element(
          "div",
          { class: "completion-item", role: "option", id: `completion-${place}`, "aria-selected": String(place === chosen), onmousedown: (/** @type {Event} */ event) => (event.preventDefault(), take(place)) },
          element("span", { class: `completion-kind kind-${item.kind}`, "aria-hidden": "true" }, item.kind[0].toUpperCase()),
          element("span", { class: "completion-label" }, item.label),
          element("small", {}, item.note),
        ),
      ),
    );
    node.hidden = false;
    area.setAttribute("aria-activedescendant", `completion-${chosen}`);
    node.children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  /**
   * Stand under the character at the offset, or over it where there is no room.
   * @param {number} offset
   */
  function stand(offset) {
    const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
    let left = offset;
    let text = /** @type {Text | null} */ (walker.nextNode());
    while (text && left > text.length) {
      left -= text.length;
      text = /** @type {Text | null} */ (walker.nextNode());
    }
    if (!text) return;
    const range = document.createRange();
    range.setStart(text, left);
    range.collapse(true);
    const caret = range.getClientRects()[0] ?? range.getBoundingClientRect();
    const width = Math.min(node.offsetWidth || 320, innerWidth - 16);
    const below = caret.bottom + LIST_PIXELS < innerHeight;
    node.style.left = `${Math.max(8, Math.min(caret.left, innerWidth - width - 8))}px`;
    node.style.top = below ? `${caret.bottom + 4}px` : "";
    node.style.bottom = below ? "" : `${innerHeight - caret.top + 4}px`;
  }

  /** @param {number} place */
  function take(place) {
    if (offered) insert(offered.from, offered.items[place].label);
  }

  function close() {
    node.hidden = true;
    offered = null;
    area.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} Whether the key was for the list.
   */
  function pressed(event) {
    if (offered === null || event.ctrlKey || event.metaKey || event.altKey) return false;
    const count = offered.items.length;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" || event.key === "Tab") take(chosen);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      draw(offered);
    } else {
      if (/^(Arrow|Home|End|Page)/.test(event.key)) close();
      return false;
    }
    event.preventDefault();
    return true;
  }

  return { node, offer, close, pressed };
}

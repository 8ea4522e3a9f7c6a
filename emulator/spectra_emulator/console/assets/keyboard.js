// @ts-check
/** The keys of the page: single ones, `g` and a letter, and those with Ctrl or Cmd. */

import { dialog } from "./components/dialog.js";
import { element } from "./element.js";

/**
 * @typedef {object} Key
 * @property {string} keys Such as `?`, `g q` or `mod+Enter`; `mod` is Ctrl, and Cmd on a Mac.
 * @property {string} does What it does, for the list of keys.
 * @property {(event: KeyboardEvent) => void} act
 */

const SEQUENCE_MILLISECONDS = 1500;
const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** @type {Set<Key>} */
const bound = new Set();
let begun = "";
let begunAt = 0;

/**
 * Let keys work until the answer is called.
 * @param {Key[]} keys
 * @returns {() => void}
 */
export function bind(keys) {
  for (const key of keys) bound.add(key);
  return () => {
    for (const key of keys) bound.delete(key);
  };
}

/** Begin to listen. */
export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const pressed = spelt(event);
    if (!pressed.startsWith("mod+") && writes(event.target)) return;
    const sequence = begun && event.timeStamp - begunAt < SEQUENCE_MILLISECONDS ? `${begun} ${pressed}` : pressed;
    const found = [...bound].find((key) => key.keys === sequence);
    begun = [...bound].some((key) => key.keys.startsWith(`${pressed} `)) && !found ? pressed : "";
    begunAt = event.timeStamp;
    if (found) {
      event.preventDefault();
      found.act(event);
    }
  });
}

/** Show what keys there are. */
export function showKeys() {
  const rows = [...bound].map((key) =>
    element("tr", {}, element("td", {}, ...keyCaps(key.keys)), element("td", {}, key.does)),
  );
  return dialog({ title: "Keys", body: [element("table", { class: "keys" }, element("tbody", {}, rows))] });
}

/**
 * Return a key's spelling as the user's keyboard has it.
 * @param {string} keys
 */
export function keyCaps(keys) {
  return keys.split(" ").flatMap((key) => key.split("+").map((part) => element("kbd", {}, part === "mod" ? (MAC ? "⌘" : "Ctrl") : part)));
}

/** @param {KeyboardEvent} event */
function spelt(event) {
  return event.ctrlKey || event.metaKey ? `mod+${event.key}` : event.altKey ? `alt+${event.key}` : event.key;
}

/** @param {EventTarget | null} target */
function writes(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

// @ts-check
/** Shows the screen that the address names. */

import { failure } from "./components/empty.js";
import { fill } from "./element.js";
import { SCREENS } from "./screens.js";
import { store } from "./store.js";

/** @type {import("./store.js").Store<string>} */
export const shownScreen = store("");

/** @type {{name: string, view: import("./screens.js").View} | null} */
let shown = null;
let turn = 0;

/** @type {(quietly: boolean) => Promise<void>} */
let greet = async () => {};

/**
 * Go to a place, such as `tables/public.sales`.
 * @param {string} path
 */
export function go(path) {
  location.hash = `#/${path}`;
}

/**
 * Write a place into the address without going there.
 * @param {string} path
 */
export function noteAddress(path) {
  history.replaceState(null, "", `#/${path}`);
}

/**
 * Show the place of the address in `main`, now and whenever it changes.
 * @param {HTMLElement} main
 * @param {(quietly: boolean) => Promise<void>} meet Learns whom to call as before a screen is shown; quietly, it asks nobody.
 */
export function follow(main, meet) {
  greet = meet;
  window.addEventListener("hashchange", () => void show(main, true));
  void show(main, false);
}

/** Make the shown screen anew, as for another tenant. */
export function reload() {
  const main = document.getElementById("main");
  if (main === null) return;
  leave();
  void show(main, false);
}

/**
 * @param {HTMLElement} main
 * @param {boolean} focused
 */
async function show(main, focused) {
  if (location.hash && !location.hash.startsWith("#/")) return;
  const place = placeOf(location.hash);
  const entry = SCREENS.find((each) => each.name === place.screen) ?? SCREENS[0];
  if (shown?.name === entry.name && shown.view.moved) return shown.view.moved(place);
  if (entry.reference) void greet(true);
  else await greet(false);
  turn += 1;
  const mine = turn;
  const screen = await entry.load().catch((error) => () => ({ node: failure(error) }));
  if (mine !== turn) return;
  leave();
  const view = screen(place);
  shown = { name: entry.name, view };
  document.title = `${entry.title} · Spectra console`;
  fill(main, view.node);
  main.dataset.screen = entry.name;
  shownScreen.set(entry.name);
  if (focused && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
}

function leave() {
  shown?.view.close?.();
  shown = null;
}

/**
 * @param {string} hash
 * @returns {import("./screens.js").Place}
 */
function placeOf(hash) {
  const [path, query = ""] = hash.replace(/^#\//, "").split("?");
  const [screen, ...rest] = path.split("/").map(decoded);
  return { screen, rest, parameters: new URLSearchParams(query) };
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

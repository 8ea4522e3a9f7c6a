// @ts-check
/** The console's icons: paths on a grid of 16, drawn with the text's own colour. */

import { drawn } from "../element.js";

const PATHS = {
  query: "M2.5 4 6 7.5 2.5 11M8 12h5.5",
  tables: "M2 3.5h12v9H2zM2 6.5h12M6 6.5v6",
  jobs: "M2 4.5h6M5 8h7M3.5 11.5H14",
  bulk: "M8 10.5v-8M4.5 6 8 2.5 11.5 6M2.5 10v3.5h11V10",
  journal: "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
  time: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 4.5V8l2.5 1.5",
  tenants: "M6 7.5A2.5 2.5 0 1 0 6 2.500a2.5 2.5 0 0 0 0 5zM1.5 13.500c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 3a2.25 2.25 0 0 1 0 4.250M12.5 9.750c1.3.6 2 1.9 2 3.75",
  contract: "M4 1.500h5.500L13 5v9.500H4zM9.5 1.500V5H13M6 8.500h5M6 11h5",
  close: "m4 4 8 8M12 4l-8 8",
  play: "M5 3v10l8-5z",
  stop: "M4 4h8v8H4z",
  copy: "M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  help: "M5.75 6a2.25 2.25 0 1 1 3.3 2c-.75.4-1.05.8-1.05 1.500M8 12v.5",
  down: "m4 6 4 4 4-4",
  check: "m3 8.5 3.5 3.500L13 4.5",
  warning: "M8 2.5 14.5 13.500h-13zM8 6.500v3.500M8 11.500v.5",
  view: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  key: "M10.5 2.500a3 3 0 1 1-2.7 4.300L2.5 12v1.500H5V12h1.500v-1.500L8.5 8",
  plus: "M8 3v10M3 8h10",
  refresh: "M13 8a5 5 0 1 1-1.5-3.600M13 2v3h-3",
  search: "M7 2.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.500l3.5 3.5",
  download: "M8 2.500v8M4.5 7 8 10.5 11.5 7M2.5 13.500h11",
  trash: "M3 4.500h10M6.5 4V2.500h3V4M4.5 4.500l.5 9h6l.5-9",
  pause: "M5.5 3.500v9M10.5 3.500v9",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  return drawn("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: PATHS[name] }));
}

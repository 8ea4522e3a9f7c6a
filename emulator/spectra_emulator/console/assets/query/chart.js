// @ts-check
/** A chart of a result: bars or lines, drawn as SVG. */

import { empty } from "../components/empty.js";
import { drawn, element, fill } from "../element.js";
import { fitting, mostPoints, ticks } from "./chart_choice.js";
import { isNumber, shown } from "./values.js";

/** @typedef {import("./values.js").Result} Result */
/** @typedef {import("./chart_choice.js").Choice} Choice */

const LEAST_HEIGHT = 220;
const LEGEND_HEIGHT = 28;
const EDGE = { top: 16, right: 16, bottom: 36, left: 72 };
const LABEL_PIXELS = 84;
const SHORT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });

/**
 * Return the chart with what chooses its columns.
 * @param {Result} result
 * @returns {HTMLElement}
 */
export function chart(result) {
  const first = fitting(result);
  if (first === null) {
    return empty("query", "No chart for these columns", element("p", {}, "A chart takes two rows or more, with a column to go by and a column of numbers."));
  }
  let choice = first;
  const figure = element("figure", { class: "chart-figure" });
  const kind = select("Kind", [["bar", "Bars"], ["line", "Lines"]], choice.kind, (value) => take({ kind: value === "bar" ? "bar" : "line" }));
  const joined = first.across.length > 1 ? [[String(first.across), namesOf(result, first.across)]] : [];
  const across = select("Across", [...joined, ...named(result, () => true)], String(choice.across), (value) => take({ across: value.split(",").map(Number) }));
  const upwards = select("Up", [["", "All numbers"], ...named(result, isNumber)], "", (value) => take({ series: value ? [Number(value)] : undefined }));

  /** @param {Partial<Choice>} change */
  function take(change) {
    choice = { ...choice, ...change, series: change.series ?? ("series" in change ? /** @type {Choice} */ (first).series : choice.series) };
    draw();
  }

  function draw() {
    const width = Math.max(280, figure.clientWidth);
    const height = Math.max(LEAST_HEIGHT, figure.clientHeight - LEGEND_HEIGHT);
    fill(figure, picture(result, choice, { width, height }), legend(result, choice));
  }

  const node = element("div", { class: "chart" }, element("div", { class: "row chart-choices" }, kind, across, upwards), figure);
  new ResizeObserver(draw).observe(figure);
  return node;
}

/**
 * @param {string} label
 * @param {string[][]} options
 * @param {string} chosen
 * @param {(value: string) => void} take
 */
function select(label, options, chosen, take) {
  const made = element("select", { class: "field", onchange: () => take(made.value) }, options.map(([value, text]) => element("option", { value, selected: value === chosen }, text)));
  return element("label", { class: "row" }, element("span", { class: "muted" }, label), made);
}

/**
 * @param {Result} result
 * @param {(type: string) => boolean} fits
 */
function named({ columns, types }, fits) {
  return columns.flatMap((name, place) => (fits(types[place]) ? [[String(place), name]] : []));
}

/**
 * @param {Result} result
 * @param {Choice} choice
 * @param {{width: number, height: number}} size
 */
function picture(result, choice, { width, height }) {
  const rows = result.rows.slice(0, mostPoints(choice.kind));
  const series = choice.series.map((place) => rows.map((row) => numberOf(row[result.columns[place]])));
  const marks = ticks(series.flat().filter((value) => value !== null));
  const [low, high] = [marks[0], marks[marks.length - 1]];
  const [inner, tall] = [width - EDGE.left - EDGE.right, height - EDGE.top - EDGE.bottom];
  const upward = (/** @type {number} */ value) => EDGE.top + tall * (1 - (value - low) / (high - low));
  const step = inner / rows.length;
  const labels = rows.map((row) => choice.across.map((place) => shown(row[result.columns[place]]).text).join(" · "));
  const every = Math.max(1, Math.ceil(LABEL_PIXELS / step));
  const space = { step, upward, labels };
  const shapes = choice.kind === "bar" ? bars(series, space) : lines(series, space);
  const name = `${choice.series.map((place) => result.columns[place]).join(", ")} by ${namesOf(result, choice.across)}, ${rows.length} rows`;
  return drawn(
    "svg",
    { class: "chart-picture", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
    marks.map((mark) => drawn("g", {}, drawn("line", { class: mark === 0 ? "chart-zero" : "chart-line", x1: EDGE.left, x2: width - EDGE.right, y1: upward(mark), y2: upward(mark) }), drawn("text", { class: "chart-text", x: EDGE.left - 8, y: upward(mark) + 4, "text-anchor": "end" }, SHORT.format(mark)))),
    shapes,
    labels.flatMap((label, place) => (place % every || (place > 0 && EDGE.left + step * (place + 0.5) + LABEL_PIXELS / 2 > width && step < LABEL_PIXELS) ? [] : [drawn("text", { class: "chart-text", x: EDGE.left + step * (place + 0.5), y: height - 12, "text-anchor": "middle" }, cut(label, (step * every) / 7))])),
  );
}

/**
 * @param {(number | null)[][]} series
 * @param {{step: number, upward: (value: number) => number, labels: string[]}} space
 */
function bars(series, { step, upward, labels }) {
  const wide = Math.min(56, (step * 0.72) / series.length);
  return series.flatMap((values, place) =>
    values.flatMap((value, row) => {
      if (value === null) return [];
      const left = EDGE.left + step * (row + 0.5) + wide * (place - series.length / 2);
      const [top, bottom] = [Math.min(upward(value), upward(0)), Math.max(upward(value), upward(0))];
      const bar = drawn("rect", { class: `series-${place + 1}`, x: left, y: top, width: Math.max(1, wide - 1), height: Math.max(1, bottom - top), rx: Math.min(3, wide / 4) }, drawn("title", {}, `${labels[row]}: ${value}`));
      return [bar];
    }),
  );
}

/**
 * @param {(number | null)[][]} series
 * @param {{step: number, upward: (value: number) => number, labels: string[]}} space
 */
function lines(series, { step, upward, labels }) {
  return series.flatMap((values, place) => {
    const points = values.map((value, row) => (value === null ? null : { x: EDGE.left + step * (row + 0.5), y: upward(value), value, row }));
    const path = points.map((point, row) => (point === null ? "" : `${row === 0 || points[row - 1] === null ? "M" : "L"}${point.x.toFixed(1)} ${point.y.toFixed(1)}`)).join("");
    const dots = step < 6 ? [] : points.flatMap((point) => (point === null ? [] : [drawn("circle", { class: `series-${place + 1}`, cx: point.x, cy: point.y, r: 3 }, drawn("title", {}, `${labels[point.row]}: ${point.value}`))]));
    return [drawn("path", { class: `stroke-${place + 1}`, d: path }), ...dots];
  });
}

/**
 * @param {Result} result
 * @param {Choice} choice
 */
function legend(result, choice) {
  const most = mostPoints(choice.kind);
  return element(
    "figcaption",
    { class: "row" },
    choice.series.map((place, number) => element("span", { class: "legend" }, drawn("svg", { class: "legend-mark", viewBox: "0 0 10 10", "aria-hidden": "true" }, drawn("rect", { class: `series-${number + 1}`, width: 10, height: 10, rx: 2 })), result.columns[place])),
    result.rows.length > most && element("span", { class: "muted" }, `The first ${most} of ${result.rows.length} rows`),
  );
}

/**
 * @param {Result} result
 * @param {number[]} places
 */
function namesOf({ columns }, places) {
  return places.map((place) => columns[place]).join(" · ");
}

/** @param {unknown} value */
function numberOf(value) {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/**
 * @param {string} text
 * @param {number} most
 */
function cut(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(1, Math.floor(most) - 1))}…` : text;
}

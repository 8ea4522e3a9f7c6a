// @ts-check
/** A table of any length of which only the visible rows are drawn. */

import { copy } from "../clipboard.js";
import { element, fill } from "../element.js";
import { dialog } from "./dialog.js";

const ROW_PIXELS = 28;
const MORE_ROWS = 8;
const SAMPLE_ROWS = 200;
const [NARROWEST, WIDEST] = [6, 48];

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} [note] Stands small beside the name, such as its type.
 * @property {boolean} [right] Whether values stand to the right, as numbers do.
 * @property {number} [width] In characters; else measured.
 * @property {number} [share] Of the room that is left beside the columns, this column's parts.
 */

/**
 * @typedef {object} Cell
 * @property {string} text
 * @property {string} [whole] What is copied and opened, where the text is a shorter form of it.
 * @property {string} [tone] Such as `null`, `good`, `bad`, `muted`: the class `cell-…` of the styles.
 */

/**
 * @typedef {object} GridOptions
 * @property {string} label What a screen reader calls it.
 * @property {Column[]} columns
 * @property {number} rows How many.
 * @property {(row: number, column: number) => Cell} cell
 * @property {(row: number, column: number) => void} [open] Enter and double click; else the whole value is shown.
 * @property {(row: number) => string} [rowTone] The class `row-…` of a row.
 */

/**
 * @typedef {object} Grid
 * @property {HTMLElement} node
 * @property {(rows: number) => void} setRows Take another number of rows, and draw what is visible anew.
 * @property {(row: number) => void} reveal
 */

let grids = 0;

/**
 * Make a table. Arrow keys, Page Up and Down, Home and End move through it, Ctrl+C copies the cell, Enter opens it.
 * @param {GridOptions} options
 * @returns {Grid}
 */
export function grid(options) {
  grids += 1;
  const lead = `grid-${grids}`;
  const { columns, cell } = options;
  const widths = columns.map((column, place) => column.width ?? measured(options, place));
  const tracks = widths.map((width, place) => (columns[place].share ? `minmax(${width}ch, ${columns[place].share}fr)` : `${width}ch`));
  const least = columns.some((column) => column.share) ? `${widths.reduce((sum, width) => sum + width)}ch` : "max-content";
  let rows = options.rows;
  let [activeRow, activeColumn] = [0, 0];
  /** @type {Map<number, HTMLElement>} */
  const drawnRows = new Map();

  const canvas = element("div", { class: "grid-canvas", role: "rowgroup" });
  const node = element(
    "div",
    { class: "grid", role: "grid", tabindex: 0, "aria-label": options.label, "aria-colcount": columns.length, style: { "--columns": tracks.join(" "), "--least": least } },
    element("div", { class: "grid-head", role: "rowgroup" }, element("div", { class: "grid-row", role: "row", "aria-rowindex": 1 }, columns.map(header))),
    canvas,
  );
  node.addEventListener("scroll", () => draw(), { passive: true });
  node.addEventListener("keydown", (event) => moved(event));
  node.addEventListener("focus", () => mark());
  canvas.addEventListener("mousedown", (event) => {
    const place = placeOf(event.target);
    if (place) [activeRow, activeColumn] = place;
    mark();
  });
  canvas.addEventListener("dblclick", (event) => placeOf(event.target) && open());
  const sizes = new ResizeObserver(() => draw());
  sizes.observe(node);

  /** @param {Column} column */
  function header(column) {
    return element(
      "div",
      { class: column.right ? "grid-cell right" : "grid-cell", role: "columnheader", title: column.note ? `${column.name} ${column.note}` : column.name },
      element("span", {}, column.name),
      column.note && element("small", {}, column.note),
    );
  }

  function draw() {
    const first = Math.max(0, Math.floor(node.scrollTop / ROW_PIXELS) - MORE_ROWS);
    const last = Math.min(rows, Math.ceil((node.scrollTop + node.clientHeight) / ROW_PIXELS) + MORE_ROWS);
    for (const [row, drawn] of drawnRows) {
      if (row < first || row >= last) {
        drawn.remove();
        drawnRows.delete(row);
      }
    }
    for (let row = first; row < last; row += 1) if (!drawnRows.has(row)) drawRow(row);
    mark();
  }

  /** @param {number} row */
  function drawRow(row) {
    const tone = options.rowTone?.(row);
    const drawn = element(
      "div",
      { class: tone ? `grid-row row-${tone}` : "grid-row", role: "row", "aria-rowindex": row + 2, style: { transform: `translateY(${row * ROW_PIXELS}px)` } },
      columns.map((column, place) => drawCell(row, column, place)),
    );
    drawnRows.set(row, drawn);
    canvas.append(drawn);
  }

  /**
   * @param {number} row
   * @param {Column} column
   * @param {number} place
   */
  function drawCell(row, column, place) {
    const { text, tone } = cell(row, place);
    const kind = `grid-cell${column.right ? " right" : ""}${tone ? ` cell-${tone}` : ""}`;
    return element("div", { class: kind, role: "gridcell", id: `${lead}-${row}-${place}` }, text.length > 300 ? `${text.slice(0, 300)}…` : text);
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  function whole(row, column) {
    const { text, whole: meant } = cell(row, column);
    return meant ?? text;
  }

  function mark() {
    canvas.querySelector(".active")?.classList.remove("active");
    const active = drawnRows.get(activeRow)?.children[activeColumn];
    active?.classList.add("active");
    if (active) node.setAttribute("aria-activedescendant", active.id);
    else node.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {EventTarget | null} target
   * @returns {[number, number] | null}
   */
  function placeOf(target) {
    const found = target instanceof Element ? target.closest(".grid-cell") : null;
    const [, row, column] = /-(\d+)-(\d+)$/.exec(found?.id ?? "") ?? [];
    return row === undefined ? null : [Number(row), Number(column)];
  }

  /** @param {KeyboardEvent} event */
  function moved(event) {
    if (event.altKey || rows === 0) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "c" && !String(getSelection())) {
      event.preventDefault();
      void copy(whole(activeRow, activeColumn), "Cell");
      return;
    }
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open();
      return;
    }
    const place = steps(event);
    if (place === null) return;
    event.preventDefault();
    [activeRow, activeColumn] = place;
    reveal(activeRow);
    drawnRows.get(activeRow)?.children[activeColumn]?.scrollIntoView({ block: "nearest", inline: "nearest" });
    mark();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {[number, number] | null}
   */
  function steps(event) {
    const page = Math.max(1, Math.floor(node.clientHeight / ROW_PIXELS) - 2);
    const far = event.ctrlKey || event.metaKey;
    const [lastRow, lastColumn] = [rows - 1, columns.length - 1];
    const to = /** @type {Record<string, [number, number]>} */ ({
      ArrowDown: [far ? lastRow : activeRow + 1, activeColumn],
      ArrowUp: [far ? 0 : activeRow - 1, activeColumn],
      ArrowRight: [activeRow, activeColumn + 1],
      ArrowLeft: [activeRow, activeColumn - 1],
      PageDown: [activeRow + page, activeColumn],
      PageUp: [activeRow - page, activeColumn],
      Home: [far ? 0 : activeRow, 0],
      End: [far ? lastRow : activeRow, lastColumn],
    })[event.key];
    return to ? [within(to[0], lastRow), within(to[1], lastColumn)] : null;
  }

  function open() {
    if (options.open) return options.open(activeRow, activeColumn);
    const text = whole(activeRow, activeColumn);
    void dialog({
      title: columns[activeColumn].name,
      body: [element("pre", { class: "value", tabindex: 0 }, text), element("button", { type: "button", class: "button", onclick: () => copy(text, "Value") }, "Copy")],
      wide: true,
    });
  }

  /** @param {number} row */
  function reveal(row) {
    const top = row * ROW_PIXELS;
    const seen = node.clientHeight - ROW_PIXELS * 1.5;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + ROW_PIXELS > node.scrollTop + seen) node.scrollTop = top + ROW_PIXELS - seen;
    draw();
  }

  /** @param {number} count */
  function setRows(count) {
    rows = count;
    activeRow = within(activeRow, Math.max(0, rows - 1));
    node.setAttribute("aria-rowcount", String(rows + 1));
    canvas.style.height = `${rows * ROW_PIXELS}px`;
    drawnRows.clear();
    fill(canvas);
    draw();
  }

  setRows(rows);
  return { node, setRows, reveal };
}

/**
 * Return a column's width in characters, by its name and its first values.
 * @param {GridOptions} options
 * @param {number} place
 */
function measured({ columns, rows, cell }, place) {
  const { name, note = "" } = columns[place];
  let longest = name.length + (note ? note.length * 0.85 + 2 : 0);
  for (let row = 0; row < Math.min(rows, SAMPLE_ROWS); row += 1) longest = Math.max(longest, cell(row, place).text.length);
  return Math.min(WIDEST, Math.max(NARROWEST, Math.ceil(longest))) + 4;
}

/**
 * @param {number} value
 * @param {number} most
 */
function within(value, most) {
  return Math.min(Math.max(value, 0), most);
}

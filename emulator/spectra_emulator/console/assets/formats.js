// @ts-check
/** How numbers, sizes and times are written. */

const WHOLE = new Intl.NumberFormat("en-US");
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const SPANS = /** @type {[string, number][]} */ ([["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]]);

/** @param {number} count */
export function whole(count) {
  return WHOLE.format(count);
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  if (milliseconds < 1) return "<1 ms";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`;
  return span(milliseconds / 1000, 2);
}

/**
 * Return a length of time in its largest units, such as `2 h 5 min`.
 * @param {number} seconds
 * @param {number} [most] How many units at most.
 */
export function span(seconds, most = SPANS.length) {
  let left = Math.round(seconds);
  const largest = SPANS.findIndex(([, length]) => left >= length);
  if (largest < 0) return "0 s";
  const parts = SPANS.slice(largest, largest + most).map(([unit, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return { count, text: `${whole(count)} ${unit}` };
  });
  return parts.filter(({ count }) => count > 0).map(({ text }) => text).join(" ");
}

/** @param {number} bytes */
export function size(bytes) {
  let power = 0;
  let value = bytes;
  while (value >= 1024 && power < UNITS.length - 1) {
    value /= 1024;
    power += 1;
  }
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}

/**
 * Return the time of day of a timestamp, as the server's UTC has it.
 * @param {string} timestamp
 */
export function timeOfDay(timestamp) {
  return timestamp.slice(11, 19);
}

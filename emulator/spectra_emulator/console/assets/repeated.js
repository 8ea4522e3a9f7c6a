// @ts-check
/** Looks again and again while the page is seen: one look at a time. */

/**
 * @typedef {object} Repeated
 * @property {() => void} now Look now, or as soon as the look under way has ended.
 * @property {() => void} close
 */

/**
 * Look now and `milliseconds` after each look, until it is closed; a hidden page waits.
 * @param {() => Promise<number | void>} look May answer another time to wait, in milliseconds; a negative one ends it.
 * @param {number} milliseconds
 * @returns {Repeated}
 */
export function repeated(look, milliseconds) {
  let [timer, running, again, closed] = [0, false, false, false];

  async function turn() {
    window.clearTimeout(timer);
    again = running;
    if (running || closed) return;
    running = true;
    const wait = (await look()) ?? milliseconds;
    running = false;
    if (again) void turn();
    else if (!closed && wait >= 0 && !document.hidden) timer = window.setTimeout(turn, wait);
  }

  const seen = () => !document.hidden && void turn();
  document.addEventListener("visibilitychange", seen);
  void turn();
  return {
    now: () => void turn(),
    close() {
      closed = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}

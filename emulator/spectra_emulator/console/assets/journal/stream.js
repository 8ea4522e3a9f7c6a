// @ts-check
/** Reads server-sent events with headers of its own, which the browser's reader cannot send. */

import { Refusal, address, control, controlHeaders } from "../server.js";

const AGAIN_MILLISECONDS = 2000;
const MOST_CAUGHT_UP = 1000;

/**
 * @typedef {object} Told
 * @property {(text: string | null) => void} problem Told what keeps events from coming, and null once they come again.
 * @property {(count: number) => void} missed Told how many entries were passed over and not found again.
 */

/**
 * Read the journal until the answer is called. What is passed over, as while the connection was broken or events came faster
 * than they were read, is asked for; a server that was started anew is read from its first entry.
 * @param {number | null} last The number of the last entry that is known.
 * @param {(entry: any) => void} each Told of each entry, in their order.
 * @param {Told} told
 * @returns {() => void}
 */
export function stream(last, each, told) {
  const ended = new AbortController();

  async function read() {
    const response = await fetch(address(`/_spectra/requests/stream?after=${last ?? 0}`), { headers: controlHeaders(), cache: "no-store", credentials: "omit", signal: ended.signal });
    if (!response.ok || response.body === null) throw new Refusal(`HTTP ${response.status}`, "The journal is not to be had.");
    await catchUp();
    told.problem(null);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const text = dataOf(part);
        if (text) await take(JSON.parse(text));
      }
    }
  }

  /** @param {any} entry */
  async function take(entry) {
    const number = Number(entry.number);
    if (last !== null && number > last + 1) await catchUp(number);
    if (last !== null && number <= last) return;
    last = number;
    each(entry);
  }

  /** Ask for the entries behind the last one, up to one that is here already. @param {number} [before] */
  async function catchUp(before = Infinity) {
    const found = (await control("GET", `/requests?after=${last ?? 0}&limit=${MOST_CAUGHT_UP}`)).json.requests.reverse();
    /** @type {any[]} */
    const passed = found.filter((/** @type {any} */ entry) => Number(entry.number) < before);
    const newest = before < Infinity ? before - 1 : Number(passed.at(-1)?.number ?? last);
    if (last !== null && newest - last > passed.length) told.missed(newest - last - passed.length);
    if (passed.length > 0 || before < Infinity) last = newest;
    for (const entry of passed) each(entry);
  }

  async function follow() {
    while (!ended.signal.aborted) {
      try {
        await read();
      } catch (error) {
        if (ended.signal.aborted) return;
        told.problem(error instanceof Error ? error.message : String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      if (await startedAnew().catch(() => false)) last = null;
    }
  }

  /** Tell whether the server may be another than before: one that was started anew counts from one. */
  async function startedAnew() {
    const [entry] = (await control("GET", "/requests?limit=1")).json.requests;
    return last !== null && Number(entry?.number ?? 0) < last;
  }

  void follow();
  return () => ended.abort();
}

/** @param {string} event */
function dataOf(event) {
  return event
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trimStart())
    .join("\n");
}

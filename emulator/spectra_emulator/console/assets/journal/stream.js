// @ts-check
/** Reads server-sent events with headers of its own, which the browser's reader cannot send. */

import { Refusal, address, control, controlHeaders } from "../server.js";

const AGAIN_MILLISECONDS = 2000;

/**
 * Read the journal until the answer is called; after a break, go on behind the last entry, or from the first of a new server.
 * @param {number} last The number of the last entry that is known.
 * @param {(entry: any) => number} each Told of each entry; returns its number.
 * @param {(problem: string | null) => void} problem Told what keeps events from coming, and null once they come again.
 * @returns {() => void}
 */
export function stream(last, each, problem) {
  const ended = new AbortController();

  async function read() {
    const response = await fetch(address(`/_spectra/requests/stream?after=${last}`), { headers: controlHeaders(), cache: "no-store", credentials: "omit", signal: ended.signal });
    if (!response.ok || response.body === null) throw new Refusal(`HTTP ${response.status}`, "The journal is not to be had");
    problem(null);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const text = dataOf(part);
        if (text) last = each(JSON.parse(text));
      }
    }
  }

  async function follow() {
    while (!ended.signal.aborted) {
      try {
        await read();
      } catch (error) {
        if (ended.signal.aborted) return;
        problem(error instanceof Error ? error.message : String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
      last = Math.min(last, await newest().catch(() => last));
    }
  }

  /** Return the number of the newest entry: a server that was started anew counts from one. */
  async function newest() {
    const [entry] = (await control("GET", "/requests?limit=1")).json.requests;
    return entry === undefined ? 0 : Number(entry.number);
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

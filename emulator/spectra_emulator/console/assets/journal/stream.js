// @ts-check
/** Reads server-sent events with headers of its own, which the browser's reader cannot send. */

import { Refusal, address, controlHeaders } from "../server.js";

const AGAIN_MILLISECONDS = 2000;

/**
 * Read events until the answer is called; after a break, go on behind the last one.
 * @param {(last: number) => string} path Under `/_spectra`, behind the entry of that number.
 * @param {(entry: any) => number} each Told of each event; returns its number.
 * @param {(problem: string | null) => void} problem Told what keeps events from coming, and null once they come again.
 * @returns {() => void}
 */
export function stream(path, each, problem) {
  const ended = new AbortController();
  let last = 0;

  async function read() {
    const response = await fetch(address(`/_spectra${path(last)}`), { headers: controlHeaders(), cache: "no-store", credentials: "omit", signal: ended.signal });
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
    }
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

// @ts-check
/** What a fault does, as the user chooses it: each kind with its fields and what it becomes for the control plane. */

import { CODES } from "../vocabulary.js";

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string[]} [choices]
 * @property {"number" | "text"} [type]
 * @property {string} [value]
 * @property {boolean} [optional]
 */

/**
 * @typedef {object} Kind
 * @property {string} label
 * @property {Field[]} fields
 * @property {(values: Record<string, string>) => Record<string, unknown>} action
 * @property {string} [operation] What it has to be matched on.
 */

/** @type {Record<string, Kind>} */
export const KINDS = {
  error: {
    label: "Answer with an error",
    fields: [
      { name: "error", label: "Code", choices: CODES, value: "RATE_LIMITED" },
      { name: "message", label: "Message", type: "text", optional: true },
    ],
    action: ({ error, message }) => ({ error, ...(message ? { message } : {}) }),
  },
  latency: {
    label: "Answer late",
    fields: [
      { name: "from", label: "From, in ms", type: "number", value: "200" },
      { name: "to", label: "To, in ms", type: "number", value: "800" },
    ],
    action: ({ from, to }) => ({ latency: from === to ? { fixed_ms: Number(from) } : { uniform_ms: [Number(from), Number(to)] } }),
  },
  drop: {
    label: "Drop the connection",
    fields: [{ name: "drop", label: "When", choices: ["before", "after"] }],
    action: ({ drop }) => ({ drop }),
  },
  cut: {
    label: "Cut the body short",
    fields: [{ name: "bytes", label: "After bytes", type: "number", value: "100" }],
    action: ({ bytes }) => ({ body: { cut_after_bytes: Number(bytes) } }),
  },
  slow: {
    label: "Send the body slowly",
    fields: [{ name: "rate", label: "Bytes a second", type: "number", value: "1000" }],
    action: ({ rate }) => ({ body: { bytes_per_second: Number(rate) } }),
  },
  object_store: {
    label: "Let the object store refuse",
    fields: [{ name: "code", label: "Code of S3", type: "text", value: "SlowDown" }],
    action: ({ code }) => ({ object_store: code }),
    operation: "putObject",
  },
  job: {
    label: "Fail a bulk job's work",
    fields: [{ name: "state", label: "In the state", choices: ["UploadComplete", "InProgress"] }],
    action: ({ state }) => ({ job: { fail_in: state } }),
    operation: "bulkWork",
  },
  records: {
    label: "Fail records of an import",
    fields: [{ name: "count", label: "Records", type: "number", value: "3" }],
    action: ({ count }) => ({ job: { failed_records: Number(count) } }),
    operation: "bulkWork",
  },
};

/**
 * Tell in words what a rule's action does.
 * @param {any} action
 */
export function inWords(action) {
  const { error, latency, drop, body, object_store: store, job } = action;
  return [
    error && `answers ${error}`,
    latency?.fixed_ms != null && `waits ${latency.fixed_ms} ms`,
    latency?.uniform_ms && `waits ${latency.uniform_ms.join(" to ")} ms`,
    latency?.lognormal_ms && `waits about ${latency.lognormal_ms[0]} ms`,
    drop && `drops the connection ${drop} the work`,
    body?.cut_after_bytes != null && `cuts the body after ${body.cut_after_bytes} bytes`,
    body?.bytes_per_second != null && `sends ${body.bytes_per_second} bytes a second`,
    store && `lets S3 answer ${store}`,
    job?.fail_in && `fails the job in ${job.fail_in}`,
    job?.failed_records && `fails ${job.failed_records} records`,
  ]
    .filter(Boolean)
    .join(", ");
}

/**
 * Tell in words which calls a rule matches.
 * @param {any} match
 */
export function matched(match) {
  const { operation, tenant_id: tenant, header, sql, job_id: job } = match ?? {};
  const told = [operation, tenant && `tenant ${tenant}`, header && `header ${header.name}${header.value ? `: ${header.value}` : ""}`, sql && `SQL with “${sql}”`, job && `job ${job}`].filter(Boolean);
  return told.length ? told.join(", ") : "every call";
}

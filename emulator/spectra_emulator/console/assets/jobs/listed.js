// @ts-check
/** Jobs of both APIs in one shape, newest first. */

import { counted } from "../formats.js";
import { current } from "../identity.js";
import { api, control } from "../server.js";

const MOST = 200;

/**
 * @typedef {object} Listed
 * @property {string} id
 * @property {"query" | "bulk"} api
 * @property {string} what Such as `insert into sales`.
 * @property {string} state
 * @property {"good" | "bad" | "warn" | "accent"} tone
 * @property {boolean} finished
 * @property {number} submitted Milliseconds of the server's clock.
 * @property {number | null} started
 * @property {number | null} ended
 * @property {number | null} milliseconds As the job itself tells it.
 * @property {any} record As its API shows it.
 */

/** @type {Record<string, Listed["tone"]>} */
const TONES = { COMPLETED: "good", JobComplete: "good", FAILED: "bad", Failed: "bad", CANCELLED: "warn", Aborted: "warn" };

/**
 * Return the tenant's jobs, and what time it is on the server.
 * @returns {Promise<{jobs: Listed[], now: number}>} Raises Refusal.
 */
export async function listed() {
  const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
  const [jobs, clock] = await Promise.all([control("GET", `/tenants/${tenant}/jobs?limit=${MOST}`), control("GET", "/clock")]);
  const all = [...jobs.json.jobs.map(queryJob), ...jobs.json.bulk_jobs.map(bulkJob)];
  return { jobs: all.sort((one, other) => other.submitted - one.submitted).slice(0, MOST), now: Date.parse(clock.json.now) };
}

/**
 * Return a job that is not in the list, by its id.
 * @param {string} id
 * @returns {Promise<Listed>} Raises Refusal.
 */
export async function found(id) {
  return queryJob((await api("GET", `/jobs/${encodeURIComponent(id)}`)).json);
}

/**
 * @param {any} record
 * @returns {Listed}
 */
function queryJob(record) {
  return {
    ...common(record, record.status),
    api: "query",
    what: record.row_count === null || record.row_count === undefined ? "query" : `query, ${counted(Number(record.row_count), "row")}`,
    milliseconds: record.execution_time_ms ?? null,
    submitted: Date.parse(record.submitted_at),
    ended: moment(record.completed_at),
  };
}

/**
 * @param {any} record
 * @returns {Listed}
 */
function bulkJob(record) {
  const failed = Number(record.number_records_failed) ? `, ${record.number_records_failed} failed` : "";
  const done = Number(record.number_records_processed) ? `, ${counted(Number(record.number_records_processed), "record")}${failed}` : failed;
  const what = record.operation === "query" ? `export of ${record.object}` : `${record.operation} ${record.object}`;
  return {
    ...common(record, record.state),
    api: "bulk",
    what: `${what}${done}`,
    milliseconds: null,
    submitted: Date.parse(record.created_at),
    ended: moment(record.completed_at) ?? (TONES[record.state] ? Date.parse(record.updated_at) : null),
  };
}

/**
 * @param {any} record
 * @param {string} state
 */
function common(record, state) {
  return { id: record.job_id, state, tone: TONES[state] ?? "accent", finished: state in TONES, started: moment(record.started_at), record };
}

/** @param {string | null | undefined} timestamp */
function moment(timestamp) {
  return timestamp ? Date.parse(timestamp) : null;
}

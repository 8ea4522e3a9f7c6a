// @ts-check
/** Sends a query, and cancels it. */

import { current } from "../identity.js";
import { api, control } from "../server.js";

const AGAIN_MILLISECONDS = 200;

/**
 * Run a query.
 * @param {string} sql
 * @param {Record<string, unknown>} parameters
 * @returns {Promise<import("./values.js").Result>} Raises Refusal.
 */
export async function ran(sql, parameters) {
  const { json, milliseconds } = await api("POST", "/queries", { body: { sql, parameters } });
  const { columns, column_types: types } = json.metadata;
  return { sql, parameters, columns, types, rows: json.data, metadata: json.metadata, milliseconds };
}

/**
 * Cancel the query that runs; its answer then is a 409. A query's id is told by its answer alone, so the tenant's only
 * unfinished one is taken, once there is one: a query that is still made ready has no job yet.
 * @param {() => boolean} wanted Whether its answer is still waited for.
 * @returns {Promise<string>} Empty, or why nothing was cancelled.
 */
export async function cancelled(wanted) {
  while (wanted()) {
    const jobs = await unfinished();
    if (jobs.length > 1) return `${jobs.length} queries of this tenant run: a cancel could meet another's.`;
    if (jobs.length === 1) {
      await api("DELETE", `/jobs/${encodeURIComponent(jobs[0].job_id)}`);
      return "";
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
  }
  return "";
}

/** @returns {Promise<any[]>} The tenant's queries that have not ended. */
async function unfinished() {
  const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
  const found = await Promise.all(["QUEUED", "RUNNING"].map((status) => control("GET", `/tenants/${tenant}/jobs?status=${status}`)));
  return found.flatMap(({ json }) => json.jobs);
}

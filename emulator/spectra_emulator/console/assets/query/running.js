// @ts-check
/** Sends a query, and cancels it. */

import { current } from "../identity.js";
import { api, control } from "../server.js";

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
 * running one is taken.
 * @returns {Promise<string>} Empty, or why nothing was cancelled.
 */
export async function cancelled() {
  const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
  const { jobs } = (await control("GET", `/tenants/${tenant}/jobs?status=RUNNING`)).json;
  if (jobs.length === 0) return "Nothing of this tenant runs any more.";
  if (jobs.length > 1) return `${jobs.length} queries of this tenant run: a cancel could meet another's.`;
  await api("DELETE", `/jobs/${encodeURIComponent(jobs[0].job_id)}`);
  return "";
}

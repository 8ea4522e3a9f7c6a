// @ts-check
/** The words that the editor completes: the tenant's tables and columns, and the functions that there are. */

import { current } from "../identity.js";
import { control, Refusal } from "../server.js";

/** @typedef {import("../sql/completion.js").Vocabulary} Vocabulary */

/** @type {Promise<Vocabulary["functions"]> | null} */
let functions = null;

/**
 * Ask for them; without a control plane there is less to complete.
 * @returns {Promise<Vocabulary>}
 */
export async function vocabulary() {
  try {
    const tenant = encodeURIComponent(current.get()?.tenant_id ?? "");
    functions ??= control("GET", "/functions").then((answer) => answer.json.functions);
    const [tables, known] = await Promise.all([control("GET", `/tenants/${tenant}/tables`), functions]);
    return { tables: tables.json.tables, functions: known };
  } catch (error) {
    functions = null;
    if (error instanceof Refusal) return { tables: [], functions: [] };
    throw error;
  }
}

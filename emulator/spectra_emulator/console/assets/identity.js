// @ts-check
/** Who the console calls the API as. */

import { keep, kept, store } from "./store.js";

/**
 * @typedef {object} Identity
 * @property {string} tenant_id
 * @property {string} credential An API key or a bearer token.
 * @property {string} [note] What to tell it from others by.
 * @property {boolean} [told] Whether the server tells the credential to whoever may ask.
 */

/** @type {import("./store.js").Store<Identity | null>} */
export const current = store(/** @type {Identity | null} */ (kept("identity")));

/** @type {import("./store.js").Store<Identity[]>} */
export const known = store(/** @type {Identity[]} */ (kept("identities") ?? []));

current.watch((identity) => keep("identity", identity));

/**
 * Let an identity be chosen from now on, in this tab.
 * @param {Identity} identity
 */
export function remember(identity) {
  const own = [...(kept("identities") ?? []).filter((/** @type {Identity} */ other) => !same(other, identity)), identity];
  keep("identities", own);
  known.set([...known.get().filter((other) => !same(other, identity)), identity]);
}

/**
 * Let go of a tenant that is no more; who called as it calls as another one from now on, if one is known.
 * @param {string} tenant
 */
export function forget(tenant) {
  const others = (/** @type {Identity} */ each) => each.tenant_id !== tenant;
  keep("identities", (kept("identities") ?? []).filter(others));
  known.set(known.get().filter((each) => each.told || others(each)));
  const chosen = current.get();
  if (chosen !== null && !others(chosen)) current.set(known.get().find(others) ?? known.get()[0] ?? null);
}

/**
 * Offer what the server tells, and be the first of it where nobody has been chosen.
 * @param {{tenant_id: string, api_key: string, permissions: string[] | null}[]} told
 */
export function offer(told) {
  const offered = told.map((each) => ({
    tenant_id: each.tenant_id,
    credential: each.api_key,
    told: true,
    note: each.permissions === null ? each.api_key : `${each.api_key}: only ${each.permissions.join(", ")}`,
  }));
  const own = known.get().filter((each) => !offered.some((other) => same(each, other)));
  known.set([...offered, ...own]);
  const chosen = current.get();
  const gone = chosen?.told && !offered.some((each) => same(each, chosen));
  if ((chosen === null || gone) && offered.length > 0) current.set(offered[0]);
}

/**
 * @param {Identity} one
 * @param {Identity} other
 */
export function same(one, other) {
  return one.tenant_id === other.tenant_id && one.credential === other.credential;
}

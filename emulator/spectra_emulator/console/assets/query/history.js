// @ts-check
/** The queries that this tab has run. */

import { icon } from "../components/icon.js";
import { menu } from "../components/menu.js";
import { toast } from "../components/toast.js";
import { keep, kept } from "../store.js";

const NAME = "history";
const MOST = 30;

/** @param {string} sql */
export function note(sql) {
  const others = past().filter((each) => each !== sql);
  keep(NAME, [sql, ...others].slice(0, MOST));
}

/**
 * Return the menu of past queries.
 * @param {(sql: string) => void} take
 */
export function historyMenu(take) {
  const choices = () => past().map((sql) => ({ label: sql.replace(/\s+/g, " ").slice(0, 120), act: () => take(sql) }));
  return menu([icon("time"), "History"], () => {
    const found = choices();
    return found.length ? found : [{ label: "No query has been run in this tab", act: () => toast("Run a query first") }];
  }, { name: "History" });
}

/** @returns {string[]} */
function past() {
  return kept(NAME) ?? [];
}

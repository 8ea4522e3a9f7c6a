// @ts-check
/** Lays a query on one line out in lines, a clause on each. */

import { tokens } from "./tokens.js";

const CLAUSES = /^(FROM|WHERE|GROUP|HAVING|QUALIFY|WINDOW|ORDER|LIMIT|OFFSET|UNION|EXCEPT|INTERSECT|LEFT|RIGHT|INNER|CROSS|FULL|JOIN)$/i;
const JOINED = /^(LEFT|RIGHT|INNER|CROSS|FULL|OUTER|NATURAL)$/i;

/**
 * Return the tokens of the query with line breaks where its own clauses begin.
 * @param {string} sql
 * @returns {{text: string, kind: import("./tokens.js").Kind}[]}
 */
export function laidOut(sql) {
  let depth = 0;
  let before = "";
  return tokens(sql).map(({ kind, start, end }) => {
    const text = sql.slice(start, end);
    depth += text === "(" ? 1 : text === ")" ? -1 : 0;
    if (kind === "other" && /^\s+$/.test(text)) {
      const next = /^\w+/.exec(sql.slice(end))?.[0] ?? "";
      const breaks = depth === 0 && ((CLAUSES.test(next) && !JOINED.test(before)) || before === ",");
      return { kind, text: breaks ? (before === "," ? "\n  " : "\n") : text };
    }
    before = text;
    return { kind, text };
  });
}

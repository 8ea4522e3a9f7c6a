// @ts-check
/** What could be written at a place in a query. */

import { CLAUSES } from "./keywords.js";
import { tokens } from "./tokens.js";

/** @typedef {{name: string, type: string}} Column */
/** @typedef {{schema: string, name: string, columns: Column[]}} Table */
/** @typedef {{tables: Table[], functions: {name: string, family: string}[]}} Vocabulary */
/** @typedef {{label: string, note: string, kind: "column" | "table" | "function" | "keyword"}} Item */
/** @typedef {{from: number, items: Item[]}} Completion What to put in the place of the text from `from` to the caret. */

const MOST = 50;
const PLAIN = /^[a-z_][a-z0-9_]*$/;
const BEFORE_TABLE = new Set(["FROM", "JOIN"]);

/**
 * Return what fits before the caret; `always` also where no letter is written yet.
 * @param {string} text
 * @param {number} caret
 * @param {Vocabulary} vocabulary
 * @param {boolean} always
 * @returns {Completion | null}
 */
export function completion(text, caret, vocabulary, always) {
  const found = tokens(text);
  if (found.some((token) => hides(token, caret))) return null;
  const word = /[\p{L}_][\p{L}\p{N}_$]*$/u.exec(text.slice(0, caret))?.[0] ?? "";
  const from = caret - word.length;
  const qualifier = /([\p{L}_][\p{L}\p{N}_$]*|"[^"]+")\.$/u.exec(text.slice(0, from))?.[1];
  if (!word && !qualifier && !always) return null;
  const offered = qualifier ? qualified(unquoted(qualifier), text, vocabulary) : unqualified(text, from, vocabulary);
  const lower = word.toLowerCase();
  const items = ranked(offered, lower).slice(0, MOST);
  return items.length === 0 || (word !== "" && items[0].label.toLowerCase() === lower) ? null : { from, items };
}

/**
 * Return the tables that a query names, by the names that its columns may be qualified with.
 * @param {string} text
 * @param {Table[]} tables
 * @returns {Map<string, Table>}
 */
export function namedTables(text, tables) {
  const words = tokens(text).filter((token) => token.kind !== "comment" && /\S/.test(text.slice(token.start, token.end)));
  /** @type {Map<string, Table>} */
  const named = new Map();
  words.forEach((token, place) => {
    const table = token.kind === "name" ? tables.find((each) => each.name === folded(text, token)) : undefined;
    if (!table) return;
    named.set(table.name, table);
    const next = words[place + 1];
    const alias = next && text.slice(next.start, next.end).toUpperCase() === "AS" ? words[place + 2] : next;
    if (alias?.kind === "name") named.set(folded(text, alias), table);
  });
  return named;
}

/**
 * @param {import("./tokens.js").Token} token
 * @param {number} caret
 */
function hides(token, caret) {
  return (token.kind === "string" || token.kind === "comment") && token.start < caret && caret < token.end + (token.kind === "comment" ? 1 : 0);
}

/**
 * @param {string} qualifier
 * @param {string} text
 * @param {Vocabulary} vocabulary
 * @returns {Item[]}
 */
function qualified(qualifier, text, { tables }) {
  const table = namedTables(text, tables).get(qualifier.toLowerCase()) ?? tables.find((each) => each.name === qualifier.toLowerCase());
  if (table) return table.columns.map((column) => columnItem(column, column.type));
  return tables.filter((each) => each.schema === qualifier.toLowerCase()).map(tableItem);
}

/**
 * @param {string} text
 * @param {number} from
 * @param {Vocabulary} vocabulary
 * @returns {Item[]}
 */
function unqualified(text, from, { tables, functions }) {
  const before = /([\p{L}_]+)\s+$/u.exec(text.slice(0, from))?.[1].toUpperCase() ?? "";
  const names = tables.map(tableItem);
  if (BEFORE_TABLE.has(before)) return names;
  const columns = [...new Set(namedTables(text, tables).values())].flatMap((table) =>
    table.columns.map((column) => columnItem(column, `${column.type} · ${table.name}`)),
  );
  return [
    ...columns,
    ...CLAUSES.map((label) => ({ label, note: "", kind: /** @type {const} */ ("keyword") })),
    ...functions.map(({ name, family }) => ({ label: name.toUpperCase(), note: family, kind: /** @type {const} */ ("function") })),
    ...names,
  ];
}

/**
 * Return what begins with the word, then what holds it; each once.
 * @param {Item[]} items
 * @param {string} word In lower case.
 */
function ranked(items, word) {
  const once = [...new Map(items.map((item) => [item.label, item])).values()];
  const starting = once.filter((item) => item.label.toLowerCase().startsWith(word));
  const holding = word.length < 2 ? [] : once.filter((item) => item.label.toLowerCase().includes(word) && !starting.includes(item));
  return [...starting, ...holding];
}

/**
 * @param {Column} column
 * @param {string} note
 * @returns {Item}
 */
function columnItem(column, note) {
  return { label: spelt(column.name), note, kind: "column" };
}

/**
 * @param {Table} table
 * @returns {Item}
 */
function tableItem(table) {
  const label = table.schema === "public" ? spelt(table.name) : `${spelt(table.schema)}.${spelt(table.name)}`;
  return { label, note: `${table.columns.length} columns`, kind: "table" };
}

/**
 * Write a name as SQL takes it.
 * @param {string} name
 */
export function spelt(name) {
  return PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/**
 * @param {string} text
 * @param {import("./tokens.js").Token} token
 */
function folded(text, token) {
  return unquoted(text.slice(token.start, token.end)).toLowerCase();
}

/** @param {string} name */
function unquoted(name) {
  return name.startsWith('"') ? name.slice(1, name.endsWith('"') ? -1 : undefined).replaceAll('""', '"') : name;
}

// @ts-check
/** Redshift's SQL as the parts that an editor tells apart. */

import { KEYWORDS } from "./keywords.js";

/** @typedef {"keyword" | "function" | "name" | "string" | "number" | "comment" | "other"} Kind */
/** @typedef {{kind: Kind, start: number, end: number}} Token */

const PARTS = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))`,
    String.raw`(?<string>'(?:[^']|'')*(?:'|$))`,
    String.raw`(?<quoted>"(?:[^"]|"")*(?:"|$))`,
    String.raw`(?<number>\b\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\b|\.\d+)`,
    String.raw`(?<word>[\p{L}_][\p{L}\p{N}_$]*)`,
    String.raw`(?<other>\s+|[^\s])`,
  ].join("|"),
  "gu",
);

/**
 * Cut the text into tokens that cover all of it.
 * @param {string} text
 * @returns {Token[]}
 */
export function tokens(text) {
  return [...text.matchAll(PARTS)].map((match) => {
    const start = match.index;
    return { kind: kindOf(match.groups ?? {}, text, start + match[0].length), start, end: start + match[0].length };
  });
}

/**
 * @param {Record<string, string>} groups
 * @param {string} text
 * @param {number} end
 * @returns {Kind}
 */
function kindOf(groups, text, end) {
  if (groups.word !== undefined) return wordKind(groups.word, text[end]);
  if (groups.quoted !== undefined) return "name";
  return groups.comment !== undefined ? "comment" : groups.string !== undefined ? "string" : groups.number !== undefined ? "number" : "other";
}

/**
 * @param {string} word
 * @param {string | undefined} next
 * @returns {Kind}
 */
function wordKind(word, next) {
  if (KEYWORDS.has(word.toUpperCase())) return "keyword";
  return next === "(" ? "function" : "name";
}

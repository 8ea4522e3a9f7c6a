// @ts-check
/** Words of a command as a POSIX shell reads them. */

/**
 * Return a word that the shell takes as it is, whatever it holds.
 * @param {string} text
 */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Return a header for curl whose end the shell reads from its environment.
 * @param {string} start Such as `Authorization: Bearer `.
 * @param {string} variable
 */
export function headerFrom(start, variable) {
  return `-H "${start}$${variable}"`;
}

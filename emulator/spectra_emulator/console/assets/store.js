// @ts-check
/** Values that parts of the page watch. */

/**
 * @template T
 * @typedef {object} Store
 * @property {() => T} get
 * @property {(value: T) => void} set
 * @property {(watcher: (value: T) => void) => () => void} watch Tell of each change; the answer ends that.
 */

/**
 * @template T
 * @param {T} initial
 * @returns {Store<T>}
 */
export function store(initial) {
  let value = initial;
  /** @type {Set<(value: T) => void>} */
  const watchers = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const watcher of [...watchers]) watcher(next);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/**
 * Read JSON that this tab has kept, and only this tab.
 * @param {string} name
 * @returns {any} Null where there is none.
 */
export function kept(name) {
  try {
    return JSON.parse(sessionStorage.getItem(`spectra.${name}`) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Keep JSON until the tab is closed.
 * @param {string} name
 * @param {unknown} value
 */
export function keep(name, value) {
  try {
    sessionStorage.setItem(`spectra.${name}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage loses comfort, nothing else.
  }
}

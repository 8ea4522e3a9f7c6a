// @ts-check
/** Every screen, in the order of the navigation. A screen that is not in this table is nowhere. */

/**
 * @typedef {object} Place Where the user is: `#/tables/public.sales?limit=10` has the rest `["public.sales"]`.
 * @property {string} screen
 * @property {string[]} rest
 * @property {URLSearchParams} parameters
 */

/**
 * @typedef {object} View What a screen's function makes.
 * @property {HTMLElement} node
 * @property {(place: Place) => void} [moved] Told of another place within the screen; without it the screen is made anew.
 * @property {() => void} [close] Ends what the screen began: timers, streams, keys.
 */

/** @typedef {(place: Place) => View} Screen */

/**
 * @typedef {object} Entry
 * @property {string} name Its part of the address, and of `screens/*.js`.
 * @property {string} title
 * @property {string} [short] Its title where there is little room.
 * @property {import("./components/icon.js").IconName} icon
 * @property {string} key The letter after `g`.
 * @property {() => Promise<Screen>} load
 * @property {boolean} [reference] Whether it is for reading: led to by links and its key, and shown to who has no identity.
 */

/** @type {Entry[]} */
export const SCREENS = [
  { name: "query", title: "Query", icon: "query", key: "q", load: async () => (await import("./screens/query.js")).queryScreen },
  { name: "tables", title: "Tables", icon: "tables", key: "t", load: async () => (await import("./screens/tables.js")).tablesScreen },
  { name: "jobs", title: "Jobs", icon: "jobs", key: "j", load: async () => (await import("./screens/jobs.js")).jobsScreen },
  { name: "bulk", title: "Bulk", icon: "bulk", key: "b", load: async () => (await import("./screens/bulk.js")).bulkScreen },
  { name: "journal", title: "Journal", icon: "journal", key: "l", load: async () => (await import("./screens/journal.js")).journalScreen },
  { name: "time", title: "Time & faults", short: "Time", icon: "time", key: "f", load: async () => (await import("./screens/time.js")).timeScreen },
  { name: "tenants", title: "Tenants", icon: "tenants", key: "u", load: async () => (await import("./screens/tenants.js")).tenantsScreen },
  { name: "contract", title: "Contract", icon: "contract", key: "c", load: async () => (await import("./screens/contract.js")).contractScreen },
  { name: "errors", title: "Errors", icon: "warning", key: "e", reference: true, load: async () => (await import("./screens/errors.js")).errorsScreen },
];

// @ts-check
/** Light, dark, or as the system has it. */

const NAME = "spectra.theme";
const ORDER = ["system", "light", "dark"];

let chosen = remembered();

/** Return the theme that was chosen. */
export function theme() {
  return ORDER.includes(chosen) ? chosen : "system";
}

/** Show the page in the theme that was chosen. */
export function applyTheme() {
  const wanted = theme();
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}

/** Go to the next theme and return it. */
export function nextTheme() {
  const next = ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length];
  chosen = next;
  remember(next);
  applyTheme();
  return next;
}

function remembered() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // Where storage is full or forbidden the choice lasts as long as the page.
  }
}

// @ts-check
/** Light, dark, or as the system has it. */

const NAME = "spectra.theme";
const ORDER = ["system", "light", "dark"];

/** Return the theme that was chosen. */
export function theme() {
  const chosen = localStorage.getItem(NAME) ?? "";
  return ORDER.includes(chosen) ? chosen : "system";
}

/** Show the page in the theme that was chosen. */
export function applyTheme() {
  const chosen = theme();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

/** Go to the next theme and return it. */
export function nextTheme() {
  const next = ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length];
  localStorage.setItem(NAME, next);
  applyTheme();
  return next;
}

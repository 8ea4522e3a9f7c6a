// @ts-check
/** What stands around every screen: the navigation, who the console calls as, theme and keys. */

import { icon } from "./components/icon.js";
import { toast } from "./components/toast.js";
import { element, fill } from "./element.js";
import { identityMenu } from "./identity_menu.js";
import { showKeys } from "./keyboard.js";
import { shownScreen } from "./router.js";
import { SCREENS } from "./screens.js";
import { nextTheme, theme } from "./theme.js";

/**
 * Fill the frame.
 * @param {HTMLElement} navigation
 * @param {HTMLElement} top
 */
export function drawFrame(navigation, top) {
  const title = element("h1", {});
  const links = SCREENS.filter((screen) => !screen.reference).map((screen) =>
    element(
      "a",
      { class: "navigation-link", href: `#/${screen.name}`, title: `${screen.title} (g ${screen.key})`, data: { screen: screen.name } },
      icon(screen.icon),
      element("span", { class: screen.short && "wide-only" }, screen.title),
      screen.short && element("span", { class: "narrow-only", "aria-hidden": "true" }, screen.short),
    ),
  );
  fill(navigation, element("div", { class: "brand", "aria-hidden": "true" }, element("span", { class: "brand-mark" }, "S"), "Spectra"), links);
  fill(top, title, element("span", { class: "spacer" }), identityMenu(), themeButton(), keysButton());
  shownScreen.watch((name) => {
    title.textContent = SCREENS.find((screen) => screen.name === name)?.title ?? "";
    for (const link of links) {
      if (link.dataset.screen === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  });
}

/** Return the keys that work on every screen. */
export function frameKeys() {
  return [
    ...SCREENS.map((screen) => ({ keys: `g ${screen.key}`, does: `Go to ${screen.title}`, act: () => (location.hash = `#/${screen.name}`) })),
    { keys: "?", does: "Show the keys", act: () => void showKeys() },
    { keys: "D", does: "Next theme: as the system, light, dark", act: changeTheme },
  ];
}

function themeButton() {
  return element("button", { type: "button", class: "button button-icon", "aria-label": "Change the theme", title: `Theme: ${theme()}`, onclick: changeTheme }, icon("theme"));
}

function keysButton() {
  return element("button", { type: "button", class: "button button-icon wide-only", "aria-label": "Show the keys", title: "Keys (?)", onclick: () => void showKeys() }, icon("help"));
}

function changeTheme() {
  toast(`Theme: ${nextTheme() === "system" ? "as the system" : theme()}`);
}

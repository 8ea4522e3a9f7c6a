// @ts-check
/** The control plane's token, where it has one: kept by this tab alone, and in no address. */

import { dialog } from "./components/dialog.js";
import { element } from "./element.js";
import { keep, kept } from "./store.js";

const NAME = "control-token";

/** @type {Promise<boolean> | null} */
let asking = null;
let dismissed = false;

/** Return the token, empty where none was given. */
export function controlToken() {
  return String(kept(NAME) ?? "");
}

/**
 * Ask for the token; calls that wait for it together ask once.
 * @param {boolean} wrong Whether the one that is kept was refused.
 * @returns {Promise<boolean>} Whether there is one now.
 */
export function askForToken(wrong) {
  if (dismissed) return Promise.resolve(false);
  asking ??= asked(wrong).finally(() => {
    asking = null;
  });
  return asking;
}

/** @param {boolean} wrong */
async function asked(wrong) {
  const field = element("input", { id: "control-token", type: "password", autocomplete: "off", required: true, class: "field" });
  const given = await dialog({
    title: "Control token",
    body: [
      element("p", {}, wrong ? "That token was refused. " : "", "This server's control plane is behind a token: the value of --control-token."),
      element("label", { for: "control-token", class: "label" }, "Token"),
      field,
    ],
    confirm: "Continue",
    first: field,
  });
  if (given) keep(NAME, field.value.trim());
  else letBe();
  return given;
}

/** Ask no more until the user does something: screens that look again and again would ask each time. */
function letBe() {
  dismissed = true;
  for (const deed of ["pointerdown", "keydown"]) document.addEventListener(deed, () => (dismissed = false), { once: true });
}

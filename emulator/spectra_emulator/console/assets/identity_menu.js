// @ts-check
/** Chooses who the console calls the API as. */

import { dialog } from "./components/dialog.js";
import { icon } from "./components/icon.js";
import { menu } from "./components/menu.js";
import { element } from "./element.js";
import { current, known, remember, same } from "./identity.js";

/** Return the menu of the identities that are known, and a way to another. */
export function identityMenu() {
  const name = element("span", { class: "identity-name" });
  const show = () => (name.textContent = current.get()?.tenant_id ?? "No identity");
  current.watch(show);
  show();
  return menu([icon("tenants"), element("span", { class: "visually-hidden" }, "Identity: "), name], choices, { class: "button identity", name: "Identity" });
}

/** @returns {import("./components/menu.js").Choice[]} */
function choices() {
  const chosen = current.get();
  return [
    ...known.get().map((identity) => ({
      label: identity.tenant_id,
      note: identity.note ?? "A credential of your own",
      chosen: chosen !== null && same(chosen, identity),
      act: () => current.set(identity),
    })),
    { label: "Another identity…", note: "A tenant with its API key or token", act: () => void askForIdentity() },
  ];
}

/** Ask for a tenant and its credential, and call as that one from then on. */
export async function askForIdentity() {
  const tenant = element("input", { class: "field", id: "identity-tenant", required: true, pattern: "[A-Za-z0-9._\\-]{1,128}", autocomplete: "off", spellcheck: "false" });
  const credential = element("input", { class: "field", id: "identity-credential", type: "password", required: true, autocomplete: "off" });
  const agreed = await dialog({
    title: "Identity",
    body: [
      element("p", { class: "muted" }, "The console calls the API with it. It is kept until this tab is closed."),
      element("label", { class: "label", for: "identity-tenant" }, "Tenant"),
      tenant,
      element("label", { class: "label", for: "identity-credential" }, "API key or bearer token"),
      credential,
    ],
    confirm: "Use it",
    first: tenant,
  });
  if (!agreed) return;
  const identity = { tenant_id: tenant.value.trim(), credential: credential.value.trim() };
  remember(identity);
  current.set(identity);
}

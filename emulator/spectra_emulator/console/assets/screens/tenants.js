// @ts-check
/** Tenants and their credentials. */

import { empty, failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { element, fill } from "../element.js";
import { redraw } from "../focus.js";
import { current, known } from "../identity.js";
import { askForIdentity } from "../identity_menu.js";
import { control } from "../server.js";
import { makeTenant, removeTenant, resetTenant, runScript } from "../tenants/deeds.js";

/** @type {import("../screens.js").Screen} */
export function tenantsScreen() {
  const place = element("div", {});

  async function look() {
    try {
      const { tenants } = (await control("GET", "/tenants")).json;
      redraw(place, () => fill(place, tenants.length ? table(tenants) : empty("tenants", "No tenants yet")));
    } catch (error) {
      redraw(place, () => fill(place, failure(error)));
    }
  }

  /** @param {string[]} tenants */
  function table(tenants) {
    const heads = ["Tenant", "Credentials known here", "What to do"];
    return element("div", { class: "table-scroll" }, element("table", { class: "list-table" }, element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, tenants.map(row))));
  }

  /** @param {string} tenant */
  function row(tenant) {
    const identities = known.get().filter((identity) => identity.tenant_id === tenant);
    /** @param {string} label @param {import("../components/icon.js").IconName} picture @param {() => Promise<boolean>} act */
    const button = (label, picture, act) => element("button", { type: "button", class: "button button-small", "aria-label": `${label} ${tenant}`, onclick: async () => (await act()) && void look() }, icon(picture), label);
    return element(
      "tr",
      {},
      element("td", {}, element("strong", {}, tenant), " ", current.get()?.tenant_id === tenant && element("span", { class: "badge badge-accent" }, "shown")),
      element("td", {}, identities.length ? identities.map((identity) => credential(identity)) : element("span", { class: "muted" }, "none")),
      element("td", {}, element("div", { class: "row" }, button("Run SQL", "play", () => runScript(tenant)), button("Reset", "refresh", () => resetTenant(tenant)), button("Remove", "trash", () => removeTenant(tenant)))),
    );
  }

  /** @param {import("../identity.js").Identity} identity */
  function credential(identity) {
    return element(
      "div",
      { class: "row" },
      element("code", {}, identity.told ? identity.credential : `${identity.credential.slice(0, 8)}…`),
      element("button", { type: "button", class: "button button-small", "aria-label": `Use ${identity.note ?? "the credential"} of ${identity.tenant_id}`, onclick: () => current.set(identity) }, "Use"),
    );
  }

  const unwatch = known.watch(() => void look());
  void look();
  return {
    node: element(
      "div",
      { class: "page" },
      element(
        "section",
        { class: "panel", "aria-label": "Tenants" },
        element(
          "div",
          { class: "panel-head" },
          element("h2", {}, "Tenants"),
          element("span", { class: "spacer" }),
          element("button", { type: "button", class: "button button-small", onclick: () => void askForIdentity() }, icon("key"), "Use a credential of your own"),
          element("button", { type: "button", class: "button button-small button-primary", onclick: async () => (await makeTenant()) && void look() }, icon("plus"), "Make a tenant"),
        ),
        place,
      ),
    ),
    close: unwatch,
  };
}

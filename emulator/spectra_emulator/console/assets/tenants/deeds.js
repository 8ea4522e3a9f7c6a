// @ts-check
/** What is done to tenants; each tells whether it was done. */

import { copy } from "../clipboard.js";
import { dialog } from "../components/dialog.js";
import { icon } from "../components/icon.js";
import { toast } from "../components/toast.js";
import { element } from "../element.js";
import { counted } from "../formats.js";
import { current, forget, remember } from "../identity.js";
import { control } from "../server.js";
import { PERMISSIONS } from "../vocabulary.js";

/** Make a tenant, and show its key this once. */
export async function makeTenant() {
  const name = element("input", { class: "field", id: "tenant-name", pattern: "[A-Za-z0-9._\\-]{1,128}", placeholder: "made up by the server", autocomplete: "off", spellcheck: "false" });
  const boxes = PERMISSIONS.map((permission) => element("input", { type: "checkbox", value: permission, checked: true }));
  /** @type {{tenant_id: string, api_key: string} | null} */
  let made = null;
  await dialog({
    title: "Make a tenant",
    body: [
      element("p", { class: "muted" }, "It gets the tables that every tenant begins with, and an API key."),
      element("label", { class: "label", for: "tenant-name" }, "Id"),
      name,
      element("fieldset", { class: "permissions" }, element("legend", { class: "label" }, "What its key may do"), boxes.map((box) => element("label", { class: "row" }, box, element("code", {}, box.value)))),
    ],
    confirm: "Make it",
    first: name,
    act: async () => (made = (await control("POST", "/tenants", { body: asked() })).json),
  });
  if (made) await showKey(made);
  return made !== null;

  function asked() {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    return { tenant_id: name.value.trim() || null, permissions: chosen.length === boxes.length ? null : chosen };
  }
}

/** @param {{tenant_id: string, api_key: string}} made */
async function showKey({ tenant_id: tenant, api_key: key }) {
  const identity = { tenant_id: tenant, credential: key, note: "Made in this tab" };
  remember(identity);
  const use = await dialog({
    title: `Tenant ${tenant}`,
    body: [
      element("p", {}, "Its API key is told this once; the server keeps only a digest."),
      element("pre", { class: "value", tabindex: 0 }, key),
      element("button", { type: "button", class: "button", onclick: () => void copy(key, "API key") }, icon("copy"), "Copy the key"),
    ],
    confirm: "Use it in this console",
  });
  if (use) current.set(identity);
}

/** @param {string} tenant */
export async function resetTenant(tenant) {
  return dialog({
    title: `Reset ${tenant}?`,
    body: [element("p", {}, "Its tables become as its fixtures were loaded; its jobs, files, idempotency keys and counted calls go.")],
    confirm: "Reset it",
    dangerous: true,
    act: async () => {
      await control("POST", "/reset", { body: { tenant_id: tenant } });
      toast(`${tenant} was reset`, "good");
    },
  });
}

/** @param {string} tenant */
export async function removeTenant(tenant) {
  return dialog({
    title: `Remove ${tenant}?`,
    body: [element("p", {}, "Its tables, jobs and files go, and the keys that were made for it.")],
    confirm: "Remove it",
    dangerous: true,
    act: async () => {
      await control("DELETE", `/tenants/${encodeURIComponent(tenant)}`);
      forget(tenant);
      toast(`${tenant} was removed`, "good");
    },
  });
}

/** @param {string} tenant */
export async function runScript(tenant) {
  const script = element("textarea", { class: "field", id: "script", rows: 12, required: true, spellcheck: "false", "aria-label": "SQL", placeholder: "CREATE TABLE colours (name VARCHAR(16));\nINSERT INTO colours VALUES ('red'), ('blue');" });
  return dialog({
    title: `Run SQL for ${tenant}`,
    body: [element("p", { class: "muted" }, "Redshift's DDL and DML, as one transaction. It passes by the API and its rules."), script],
    confirm: "Run it",
    first: script,
    wide: true,
    act: async () => {
      const { json } = await control("POST", `/tenants/${encodeURIComponent(tenant)}/sql`, { body: { sql: script.value } });
      toast(`${counted(Number(json.statements), "statement")} ran, ${counted(Number(json.rows_affected), "row")} written`, "good");
    },
  });
}

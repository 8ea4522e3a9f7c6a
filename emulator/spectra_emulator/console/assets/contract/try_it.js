// @ts-check
/** Sends an operation as the identity that is shown, and shows what came. */

import { copy } from "../clipboard.js";
import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { prose } from "../components/prose.js";
import { controlToken } from "../control_token.js";
import { element, fill } from "../element.js";
import { parsed, written } from "../exact_json.js";
import { duration } from "../formats.js";
import { current } from "../identity.js";
import { address, api, control, Refusal } from "../server.js";
import { headerFrom, quoted } from "../shell.js";

/** @typedef {import("./document.js").Operation} Operation */

let made = 0;

/**
 * @param {Operation} operation
 * @returns {HTMLElement}
 */
export function tryIt(operation) {
  const fields = operation.parameters.map((parameter) => ({ parameter, field: fieldOf(parameter) }));
  const body = element("textarea", { class: "field", rows: 8, spellcheck: "false", value: operation.examples[0]?.text ?? "" });
  const example = element("select", { class: "field", onchange: () => (body.value = operation.examples[Number(example.value)].text) }, operation.examples.map(({ name }, place) => element("option", { value: place }, name)));
  const place = element("div", { class: "column", role: "status" });
  const send = element("button", { type: "submit", class: "button button-primary" }, icon("play"), "Send");

  function path() {
    const query = new URLSearchParams();
    let filled = operation.path;
    for (const { parameter, field } of fields) {
      if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(field.value));
      else if (parameter.in === "query" && field.value !== "") query.set(parameter.name, field.value);
    }
    return `${filled}${query.size ? `?${query}` : ""}`;
  }

  function headers() {
    return Object.fromEntries(fields.filter(({ parameter, field }) => parameter.in === "header" && field.value !== "").map(({ parameter, field }) => [parameter.name, field.value]));
  }

  async function sent() {
    const call = { headers: headers(), ...(operation.mediaType && body.value.trim() ? { body: parsed(body.value) } : {}) };
    const answer = await (operation.plane ? control(operation.method, path().replace(/^\/_spectra/, ""), call) : api(operation.method, path(), call));
    return [
      element("div", { class: "row" }, element("span", { class: "badge badge-good" }, answer.status), element("span", { class: "muted mono" }, duration(answer.milliseconds))),
      headerList(answer.headers),
      answer.text ? element("pre", { class: "value", tabindex: 0 }, readable(answer.text)) : element("p", { class: "muted" }, "No body."),
    ];
  }

  async function run() {
    send.disabled = true;
    try {
      fill(place, await sent());
    } catch (error) {
      const told = error instanceof SyntaxError ? new Refusal("JSON", `The body is no JSON: ${error.message}`) : error;
      fill(place, told instanceof Refusal && told.status > 0 && element("span", { class: "badge badge-bad" }, told.status), failure(told));
    } finally {
      send.disabled = false;
    }
  }

  function curl() {
    const withBody = operation.mediaType && body.value.trim();
    const told = { ...(operation.plane ? {} : { "X-Tenant-ID": current.get()?.tenant_id ?? "" }), ...(withBody ? { "Content-Type": operation.mediaType } : {}), ...headers() };
    const lines = Object.entries(told).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
    const url = address(`${operation.plane ? "" : "/v1"}${path()}`);
    return [`curl -X ${operation.method} ${quoted(url)}`, ...secret(operation.plane), ...lines, ...(withBody ? [`--data-raw ${quoted(body.value)}`] : [])].join(" \\\n  ");
  }

  const parts = [
    ...fields.map(({ parameter, field }) => labelled(`${parameter.name}${parameter.required ? "" : " (may be left out)"}`, field, parameter.description)),
    operation.examples.length > 1 && labelled("Example", example),
    operation.mediaType && labelled(`Body, ${operation.mediaType}`, body),
  ];
  const sendable = operation.mediaType === null || operation.mediaType === "application/json";
  return element(
    "form",
    { class: "column", onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void run()) },
    ...parts,
    element("div", { class: "row" }, sendable ? send : element("p", { class: "muted" }, "Its body is a file: send it by the command line."), element("button", { type: "button", class: "button", onclick: () => void copy(curl(), "curl command") }, icon("copy"), "curl")),
    place,
  );
}

/** @param {import("./document.js").Parameter} parameter */
function fieldOf({ required, schema }) {
  if (schema.enum) return element("select", { class: "field" }, [...(required ? [] : [""]), ...schema.enum].map((value) => element("option", { value }, value)));
  return element("input", { class: "field", required, autocomplete: "off", spellcheck: "false" });
}

/**
 * @param {string} label
 * @param {HTMLElement} field
 * @param {string} [note]
 */
function labelled(label, field, note = "") {
  made += 1;
  field.id = `try-${made}`;
  return element("div", { class: "try-field" }, element("label", { class: "label", for: field.id }, label), field, note && element("small", { class: "muted" }, prose(note)));
}

/** @param {Headers} headers */
function headerList(headers) {
  const shown = [...headers].filter(([name]) => name.startsWith("x-") || ["retry-after", "location", "content-type"].includes(name));
  return element("pre", { class: "value", tabindex: 0, "aria-label": "Headers" }, shown.map(([name, value]) => `${name}: ${value}`).join("\n"));
}

/** @param {string} text */
function readable(text) {
  try {
    return written(parsed(text), 2);
  } catch {
    return text;
  }
}

/**
 * Return the header with the secret, which the shell reads from its environment.
 * @param {boolean} plane
 */
function secret(plane) {
  if (!plane) return [headerFrom("Authorization: Bearer ", "SPECTRA_API_KEY")];
  return controlToken() ? [headerFrom("X-Spectra-Control-Token: ", "SPECTRA_CONTROL_TOKEN")] : [];
}

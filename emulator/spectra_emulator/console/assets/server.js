// @ts-check
/** Calls the API as the identity that is shown, and the control plane under its own rule. */

import { askForToken, controlToken } from "./control_token.js";
import { parsed, written } from "./exact_json.js";
import { current } from "./identity.js";

const ROOT = new URL("../../", import.meta.url);
const CONTROL_TOKEN = "X-Spectra-Control-Token";

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {any} json Null where the answer is no JSON.
 * @property {string} text
 * @property {number} milliseconds Until the whole answer was there.
 */

/**
 * @typedef {object} Call
 * @property {unknown} [body] Sent as JSON.
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [unasked] Whether to fail rather than ask for the control token.
 */

/** A call that was not served: an error of the contract, or no answer at all (`code` is `UNREACHABLE`). */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Record<string, any>} details
   * @param {number} status
   * @param {string} requestId
   */
  constructor(code, message, details = {}, status = 0, requestId = "") {
    super(message);
    this.code = code;
    this.details = details;
    this.status = status;
    this.requestId = requestId;
  }
}

/**
 * Return the address of a path of this server, such as `/v1/queries`.
 * @param {string} path
 */
export function address(path) {
  return new URL(path.replace(/^\//, ""), ROOT).href;
}

/**
 * Call the API; `path` is under `/v1`.
 * @param {string} method
 * @param {string} path
 * @param {Call} [call]
 * @returns {Promise<Answer>} Raises Refusal.
 */
export function api(method, path, call = {}) {
  return sent(method, `/v1${path}`, { ...call, headers: { ...identityHeaders(), ...call.headers } });
}

/**
 * Call the control plane; `path` is under `/_spectra`. Where it wants its token and has none that fits, the user is asked.
 * @param {string} method
 * @param {string} path
 * @param {Call} [call]
 * @returns {Promise<Answer>} Raises Refusal.
 */
export async function control(method, path, call = {}) {
  const asked = () => sent(method, `/_spectra${path}`, { ...call, headers: { ...controlHeaders(), ...call.headers } });
  const before = controlToken();
  try {
    return await asked();
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.status !== 401 || call.unasked) throw refusal;
    if (controlToken() === before && !(await askForToken(before !== ""))) throw refusal;
    return control(method, path, call);
  }
}

/**
 * Return the headers that say who calls the API.
 * @returns {Record<string, string>}
 */
export function identityHeaders() {
  const identity = current.get();
  return identity === null ? {} : { Authorization: `Bearer ${identity.credential}`, "X-Tenant-ID": identity.tenant_id };
}

/**
 * Return the headers of a call to the control plane.
 * @returns {Record<string, string>}
 */
export function controlHeaders() {
  const token = controlToken();
  return { "X-Spectra-Console": "1", ...(token ? { [CONTROL_TOKEN]: token } : {}) };
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Call} call
 * @returns {Promise<Answer>}
 */
async function sent(method, path, { body, headers = {}, signal }) {
  const content = body === undefined ? {} : { body: written(body) };
  /** @type {Record<string, string>} */
  const kind = body === undefined ? {} : { "Content-Type": "application/json" };
  const began = performance.now();
  const response = await reached(address(path), { method, headers: { ...kind, ...headers }, signal, ...content });
  const text = await whole(response);
  const milliseconds = performance.now() - began;
  const json = (response.headers.get("content-type") ?? "").includes("json") ? read(text, response) : null;
  if (!response.ok) throw refusal(response, json, text);
  return { status: response.status, headers: response.headers, json, text, milliseconds };
}

/** @param {Response} response */
async function whole(response) {
  try {
    return await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal("CUT", "The answer broke off before its end.", {}, response.status);
  }
}

/**
 * @param {string} text
 * @param {Response} response
 */
function read(text, response) {
  try {
    return text === "" ? null : parsed(text);
  } catch {
    throw new Refusal("MALFORMED", "The answer is no JSON, though it says so.", {}, response.status, response.headers.get("x-request-id") ?? "");
  }
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function reached(url, options) {
  try {
    return await fetch(url, { ...options, cache: "no-store", credentials: "omit", redirect: "error" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal("UNREACHABLE", "The server gave no answer. It may have stopped, or a fault ended the connection.");
  }
}

/**
 * @param {Response} response
 * @param {any} json
 * @param {string} text
 */
function refusal(response, json, text) {
  const error = json?.error ?? {};
  const message = error.message ?? json?.message ?? json?.Message ?? (text.slice(0, 500) || response.statusText);
  const requestId = response.headers.get("x-request-id") ?? "";
  return new Refusal(error.code ?? `HTTP ${response.status}`, String(message), error.details ?? {}, response.status, requestId);
}

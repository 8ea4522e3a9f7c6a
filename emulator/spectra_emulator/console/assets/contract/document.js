// @ts-check
/** Reads an OpenAPI document for the screen of the contract. */

import { api, control } from "../server.js";

const METHODS = ["get", "post", "put", "patch", "delete"];

/**
 * @typedef {object} Parameter
 * @property {string} name
 * @property {"path" | "query" | "header"} in
 * @property {boolean} required
 * @property {string} description
 * @property {any} schema
 */

/**
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} tag
 * @property {string} method
 * @property {string} path
 * @property {string} summary
 * @property {string} description
 * @property {Parameter[]} parameters Those that a caller chooses; the console adds who calls.
 * @property {string | null} mediaType What the body is, where there is one.
 * @property {{name: string, text: string}[]} examples
 * @property {{status: string, description: string}[]} answers
 * @property {boolean} plane Whether it is the control plane's.
 */

/**
 * Return all operations of the API and of the control plane.
 * @returns {Promise<Operation[]>} Raises Refusal.
 */
export async function operations() {
  const [contract, plane] = await Promise.all([api("GET", "/openapi.json"), control("GET", "/openapi.json")]);
  return [...read(contract.json, false), ...read(plane.json, true)];
}

/**
 * @param {any} document
 * @param {boolean} plane
 * @returns {Operation[]}
 */
function read(document, plane) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => operation(document, plane, path, item, method)),
  );
}

/**
 * @param {any} document
 * @param {boolean} plane
 * @param {string} path
 * @param {any} item
 * @param {string} method
 * @returns {Operation}
 */
function operation(document, plane, path, item, method) {
  const told = item[method];
  const body = resolved(document, told.requestBody);
  const [mediaType, content] = /** @type {[string, any]} */ (Object.entries(body?.content ?? {})[0] ?? [null, {}]);
  return {
    id: told.operationId,
    tag: plane ? `Control plane: ${told.tags?.[0] ?? "server"}` : (told.tags?.[0] ?? "API"),
    method: method.toUpperCase(),
    path,
    summary: told.summary ?? "",
    description: told.description ?? "",
    parameters: [...(item.parameters ?? []), ...(told.parameters ?? [])].map((each) => parameter(document, each)).filter((each) => !["X-Tenant-ID", "X-Request-ID"].includes(each.name)),
    mediaType,
    examples: Object.entries(content.examples ?? {}).map(([name, example]) => ({ name, text: asText(resolved(document, example).value) })),
    answers: Object.entries(told.responses ?? {}).map(([status, answer]) => ({ status, description: resolved(document, answer).description ?? "" })),
    plane,
  };
}

/**
 * @param {any} document
 * @param {any} told
 * @returns {Parameter}
 */
function parameter(document, told) {
  const { name, in: place, required = false, description = "", schema } = resolved(document, told);
  return { name, in: place, required, description, schema: resolved(document, schema) ?? {} };
}

/**
 * @param {any} document
 * @param {any} node
 */
function resolved(document, node) {
  const reference = node?.$ref;
  if (typeof reference !== "string") return node;
  return reference.slice(2).split("/").reduce((found, part) => found[part.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}

/** @param {unknown} value */
function asText(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

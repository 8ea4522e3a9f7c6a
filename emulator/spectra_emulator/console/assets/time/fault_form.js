// @ts-check
/** The form that makes a fault rule. */

import { failure } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { toast } from "../components/toast.js";
import { element, fill } from "../element.js";
import { control } from "../server.js";
import { OPERATIONS, SPAN } from "../vocabulary.js";
import { KINDS } from "./actions.js";

let fields = 0;

/**
 * @param {() => void} added
 * @returns {HTMLElement}
 */
export function faultForm(added) {
  const kind = select(Object.entries(KINDS).map(([value, { label }]) => [value, label]));
  const operation = select([["", "Any operation"], ...OPERATIONS.map((name) => /** @type {[string, string]} */ ([name, name]))]);
  const tenant = text({ pattern: "[A-Za-z0-9._\\-]{1,128}", placeholder: "any" });
  const sql = text({ placeholder: "any" });
  const times = text({ type: "number", min: 1, placeholder: "without end" });
  const after = text({ type: "number", min: 0, value: "0", required: true });
  const probability = text({ type: "number", min: 0.001, max: 1, step: 0.001, value: "1", required: true });
  const seed = text({ type: "number", placeholder: "random" });
  const ttl = text({ pattern: SPAN, placeholder: "for ever", title: "A number with s, m, h or d" });
  const place = element("div", { class: "fault-fields" });
  const trouble = element("div", {});
  /** @type {Record<string, HTMLInputElement | HTMLSelectElement>} */
  let own = {};

  function drawKind() {
    const { fields: wanted, operation: needed } = KINDS[kind.value];
    own = {};
    for (const field of wanted) {
      own[field.name] = field.choices
        ? select(field.choices.map((choice) => [choice, choice]), field.value)
        : text({ type: field.type ?? "text", value: field.value ?? "", required: !field.optional, ...(field.type === "number" ? { min: 0 } : {}) });
    }
    if (needed) operation.value = needed;
    fill(place, wanted.map((field) => labelled(field.label, own[field.name])));
  }

  async function add() {
    const values = Object.fromEntries(Object.entries(own).map(([name, field]) => [name, field.value]));
    const rule = {
      match: given({ operation: operation.value, tenant_id: tenant.value, sql: sql.value }),
      action: KINDS[kind.value].action(values),
      ...given({ times: whole(times.value), after: whole(after.value), probability: Number(probability.value), seed: whole(seed.value), ttl: ttl.value }),
    };
    try {
      await control("POST", "/faults", { body: rule });
      fill(trouble);
      toast("Fault added", "good");
      added();
    } catch (error) {
      fill(trouble, failure(error));
    }
  }

  kind.addEventListener("change", drawKind);
  drawKind();
  return element(
    "form",
    { class: "column fault-form", onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), void add()) },
    element("div", { class: "fault-fields" }, labelled("What happens", kind)),
    place,
    element("div", { class: "fault-fields" }, labelled("Operation", operation), labelled("Tenant", tenant), labelled("SQL contains", sql)),
    element("div", { class: "fault-fields" }, labelled("Times", times), labelled("After calls", after), labelled("Probability", probability), labelled("Seed", seed), labelled("For", ttl)),
    element("div", { class: "row" }, element("button", { type: "submit", class: "button button-primary" }, icon("plus"), "Add the fault")),
    trouble,
  );
}

/** @param {string} value */
function whole(value) {
  return value === "" ? "" : Number(value);
}

/**
 * Return what was filled in.
 * @param {Record<string, string | number>} values
 */
function given(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

/**
 * @param {string} label
 * @param {HTMLElement} field
 */
function labelled(label, field) {
  fields += 1;
  field.id = `fault-${fields}`;
  return element("div", {}, element("label", { class: "label", for: field.id }, label), field);
}

/** @param {Record<string, unknown>} attributes */
function text(attributes) {
  return element("input", { class: "field", autocomplete: "off", spellcheck: "false", ...attributes });
}

/**
 * @param {[string, string][]} choices
 * @param {string} [chosen]
 */
function select(choices, chosen) {
  return element("select", { class: "field" }, choices.map(([value, label]) => element("option", { value, selected: value === chosen }, label)));
}

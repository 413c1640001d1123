/** Which jobs a list shows, as the address says: `#/jobs/?status=FAILED&code=child_lost`. */

import { h } from "../base/dom.js";
import { go } from "../base/router.js";
import { t } from "../base/text.js";

const STATES = /** @type {const} */ (["PENDING", "ANALYZING", "RENDERING", "MIXING", "COMPLETED", "FAILED", "CANCELLED"]);
const SPANS = /** @type {const} */ (["1h", "1d", "7d"]);
const SECONDS = { "1h": 3600, "1d": 86_400, "7d": 7 * 86_400 };
const FIELDS = ["status", "code", "worker", "within"];

/**
 * Return the filter that the last part of an address says.
 * @param {string} text Such as `?status=FAILED`.
 */
export function filterOf(text) {
  const found = new URLSearchParams(text);
  return new URLSearchParams(FIELDS.flatMap((name) => (found.get(name) ? [[name, found.get(name) ?? ""]] : [])));
}

/**
 * Return the address of a list.
 * @param {URLSearchParams} filter
 */
export function addressOf(filter) {
  return String(filter) ? `/jobs/?${encodeURI(String(filter))}` : "/jobs"; // the router decodes it once
}

/**
 * Return the address of a list as a link has it.
 * @param {Record<string, string>} which What the jobs have in common, by the names of the filter.
 */
export const linkTo = (which) => `#${addressOf(new URLSearchParams(which))}`;

/**
 * Return what the API is asked for.
 * @param {URLSearchParams} filter
 * @param {number} [now] In milliseconds.
 */
export function queryOf(filter, now = Date.now()) {
  const query = new URLSearchParams(filter);
  const within = query.get("within");
  query.delete("within");
  const seconds = within && Object.hasOwn(SECONDS, within) ? SECONDS[/** @type {keyof SECONDS} */ (within)] : 0;
  if (seconds) query.set("since", new Date(now - seconds * 1000).toISOString());
  return query;
}

/**
 * Return the form of a filter; whatever is changed in it changes the address.
 * @param {URLSearchParams} filter
 */
export function filterForm(filter) {
  const status = choice("status", t("ops.state"), t("ops.filter.any_state"), filter, STATES.map((state) => [state, t(`ops.state.${state}`)]));
  const code = text("code", t("ops.code"), filter);
  const worker = text("worker", t("ops.worker"), filter);
  const within = choice("within", t("ops.accepted"), t("ops.filter.any_time"), filter, SPANS.map((span) => [span, t(`ops.filter.${span}`)]));
  const apply = (/** @type {Event} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    go(addressOf(filterOf(String(new URLSearchParams([...form].map(([name, value]) => [name, String(value).trim()]))))));
  };
  return h("form", { class: "filter", onsubmit: apply, onchange: apply, "aria-label": t("ops.filter") }, status, code, worker, within,
    h("button", { type: "submit" }, t("ops.filter.apply")), String(filter) ? h("a", { class: "clear", href: "#/jobs" }, t("ops.filter.clear")) : null);
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} any
 * @param {URLSearchParams} filter
 * @param {[string, string][]} options
 */
function choice(name, label, any, filter, options) {
  const chosen = filter.get(name) ?? "";
  return h("label", { class: "field" }, h("span", {}, label), h("select", { name }, h("option", { value: "" }, any),
    options.map(([value, shown]) => h("option", { value, selected: value === chosen }, shown))));
}

/**
 * @param {string} name
 * @param {string} label
 * @param {URLSearchParams} filter
 */
function text(name, label, filter) {
  return h("label", { class: "field" }, h("span", {}, label),
    h("input", { name, value: filter.get(name) ?? "", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 200 }));
}

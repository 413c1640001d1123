/** The key: asked for where the service wants one, kept in this browser, forgotten on request. */

import { Problem } from "../api/client.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { keepOperatorKey, operatorKey, shownKey, watchOperatorKey } from "./operator_key.js";
import { readStats } from "./operations.js";
import { say } from "./rows.js";
import { wantsOperator } from "./watch.js";

/** @import { Watch } from "./watch.js" */

/**
 * Show a form for the key in place of everything else while the service refuses us.
 * @param {Watch} watch
 * @param {{ form: Element, content: HTMLElement, kept: Element }} places
 * @param {AbortSignal} alive
 */
export function access(watch, { form, content, kept }, alive) {
  watchOperatorKey(() => location.reload()); // what the former key has shown goes with it
  if (operatorKey()) kept.replaceChildren(keptKey());
  const said = h("p", { role: "alert", class: "message" });
  form.replaceChildren(keyForm(said, alive));
  watch.stats.problem.watch((problem) => {
    const refused = wantsOperator(problem);
    form.toggleAttribute("hidden", !refused);
    content.hidden = refused;
    if (problem && refused) say(said, ...reasonOf(problem));
  }, alive);
}

function keptKey() {
  const forget = () => { keepOperatorKey(""); location.reload(); };
  return h("span", {}, t("ops.key.kept"), " ", h("code", {}, `${shownKey()}…`), " ",
    h("button", { type: "button", class: "quiet", onclick: forget }, t("ops.key.forget")));
}

/**
 * @param {HTMLElement} said
 * @param {AbortSignal} alive
 */
function keyForm(said, alive) {
  const field = h("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void enter(field.value.trim(), said, alive);
  };
  return h("form", { class: "panel key", onsubmit: submit }, h("h1", {}, t("ops.key.title")), said,
    h("label", { class: "field", for: "key" }, t("ops.key.label")), field,
    h("p", { class: "hint" }, t("ops.key.hint"), " ", h("code", {}, "moment keys create --owner ops --scope operate")),
    h("button", { type: "submit", class: "primary" }, t("ops.key.use")));
}

/**
 * Keep a key if the service takes it.
 * @param {string} key
 * @param {HTMLElement} said
 * @param {AbortSignal} alive
 */
async function enter(key, said, alive) {
  const before = operatorKey();
  try {
    keepOperatorKey(key);
    await readStats(alive);
    location.reload();
  } catch (error) {
    keepOperatorKey(before);
    if (error instanceof Problem) say(said, ...reasonOf(error));
  }
}

/** @param {Problem} problem */
function reasonOf({ message, code }) {
  return [message, " ", codeLink(code)];
}

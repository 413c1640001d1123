/** Kinds of moments that workers begin, or do not. */

import { Problem } from "../api/client.js";
import { ask } from "../base/ask.js";
import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { pause, resume } from "./operations.js";

/** @import { Kind } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/** @type {Kind[]} */
const KINDS = ["preview", "song"];

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function pausesPanel(watch, alive) {
  return h("section", { class: "panel" }, h("h2", {}, t("ops.pauses.title")), h("p", { class: "quiet" }, t("ops.pauses.hint")),
    h("ul", { class: "kinds" }, KINDS.map((kind) => kindRow(kind, watch, alive))));
}

/**
 * @param {Kind} kind
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
function kindRow(kind, watch, alive) {
  let paused = false;
  const state = h("span", { class: "state" });
  const button = h("button", { type: "button", disabled: true });
  button.onclick = () => void toggle(kind, paused, watch);
  watch.stats.value.watch((stats) => {
    paused = stats?.paused.includes(kind) ?? false;
    button.disabled = !stats;
    state.textContent = stats ? t(paused ? "ops.pauses.paused" : "ops.pauses.running") : "";
    state.classList.toggle("paused", paused);
    button.textContent = t(paused ? `ops.resume.${kind}` : `ops.pause.${kind}`);
  }, alive);
  return h("li", {}, h("strong", {}, t(`ops.kinds.${kind}`)), " ", state, button);
}

/**
 * @param {Kind} kind
 * @param {boolean} paused
 * @param {Watch} watch
 */
async function toggle(kind, paused, watch) {
  const question = { title: t(`ops.pause.${kind}`), body: [h("p", {}, t("ops.pauses.meaning"))], yes: t("ops.do.pause"), no: t("ops.keep"), harmless: true };
  if (!paused && !(await ask(question))) return;
  try {
    await (paused ? resume(kind) : pause(kind));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notify(error.message);
  }
  watch.stats.now();
}

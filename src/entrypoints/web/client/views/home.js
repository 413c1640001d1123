/** The first view: hum or choose a file, say what it shall become, send it. */

import { listStyles, Problem } from "../api/client.js";
import { h } from "../base/dom.js";
import { go } from "../base/router.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { keepMoment } from "../device/moments.js";
import { createMoment } from "../moments/create.js";
import { recorder } from "../recorder/recorder.js";

/** @import { Take } from "../recorder/recorder.js" */

/**
 * @param {string} _name
 * @param {AbortSignal} alive
 */
export function home(_name, alive) {
  const wishes = { style: styleChoice(), kind: kindChoice() };
  /** @type {Signal<string>} */
  const message = new Signal("");
  const said = h("p", { role: "status", class: "message" });
  message.watch((text) => { said.textContent = text; }, alive);
  const send = (/** @type {Take} */ take) => void sendTake(take, wishes, message, alive);
  return h("div", { class: "home" },
    h("h1", {}, t("home.title")),
    h("p", { class: "lead" }, t("site.promise")),
    recorder(send, alive),
    h("div", { class: "wishes" }, labelled(t("home.style"), wishes.style), labelled(t("home.kind"), wishes.kind)),
    said);
}

/**
 * @param {Take} take
 * @param {{ style: HTMLSelectElement, kind: HTMLSelectElement }} wishes
 * @param {Signal<string>} message
 * @param {AbortSignal} alive
 */
async function sendTake(take, wishes, message, alive) {
  const style = wishes.style.value;
  const outputKind = /** @type {"preview" | "song"} */ (wishes.kind.value);
  const hum = { ...take, outputKind, blueprint: style ? { style } : {}, idempotencyKey: crypto.randomUUID() };
  message.value = t("home.sending");
  try {
    const { job_id: id } = await createMoment(hum, () => {}, alive);
    keepMoment({ id, createdAt: new Date().toISOString(), style });
    go(`/moments/${id}`);
  } catch (error) {
    if (!alive.aborted) message.value = error instanceof Problem ? error.message : t("error.offline");
  }
}

function styleChoice() {
  const choice = h("select", {}, h("option", { value: "" }, t("home.style_any")));
  listStyles().then((styles) => choice.append(...styles.map(({ name }) => h("option", {}, name)))).catch(() => {});
  return choice;
}

function kindChoice() {
  return h("select", {}, h("option", { value: "preview" }, t("home.preview")), h("option", { value: "song" }, t("home.song")));
}

/**
 * @param {string} text
 * @param {Node} control
 */
function labelled(text, control) {
  return h("label", { class: "field" }, h("span", {}, text), control);
}

/** What the new version will be, and the button that makes it. */

import { h } from "../base/dom.js";
import { randomName } from "../base/random.js";
import { go } from "../base/router.js";
import { counted, hasText, t } from "../base/text.js";
import { Problem, remix } from "../api/client.js";
import { keepMoment } from "../device/moments.js";
import { keyInWords } from "../roll/names.js";
import { styleName } from "../styles/style_name.js";
import { keyMayChange, tempoEffect } from "./style_tempo.js";

/** @import { Faults } from "./faults.js" */
/** @import { Wishes } from "./wishes.js" */

/**
 * @param {string} id Of the moment that is remixed.
 * @param {Wishes} wishes
 * @param {Faults} faults
 * @param {() => void} made Called once a version is being made.
 * @param {AbortSignal} alive
 */
export function makeBar(id, wishes, faults, made, alive) {
  const summary = h("p", { class: "make-summary", role: "status" });
  const fault = h("p", { class: "fault", role: "alert" });
  const make = h("button", { type: "button", class: "primary" }, t("edit.make"));
  const reset = h("button", { type: "button", class: "quiet", onclick: () => wishes.reset() }, t("edit.reset"));
  const send = sender(id, wishes, made, alive);
  make.onclick = async () => {
    make.disabled = true; // one click is one version
    make.textContent = t("edit.making");
    fault.textContent = "";
    faults.clear();
    const problem = await send();
    if (alive.aborted) return;
    make.disabled = false;
    make.textContent = t("edit.make");
    if (problem) fault.textContent = sentenceFor(problem, faults);
  };
  const bar = h("div", { class: "make-bar" }, h("div", {}, summary, fault), h("div", { class: "make-buttons" }, reset, make));
  wishes.watch(() => {
    const differences = wishesInWords(wishes);
    summary.textContent = differences.length ? differences.join(" · ") : t("edit.nothing");
    make.disabled = reset.hidden = !differences.length;
    bar.classList.toggle("several", differences.length > 1);
  }, alive);
  return bar;
}

/**
 * Return a function that sends the wishes and goes to the new moment, or returns what was wrong.
 * @param {string} id
 * @param {Wishes} wishes
 * @param {() => void} accepted
 * @param {AbortSignal} alive
 */
function sender(id, wishes, accepted, alive) {
  let sent = { body: "", key: "" };
  return async () => {
    const changes = wishes.changes();
    const body = JSON.stringify(changes);
    if (body !== sent.body) sent = { body, key: randomName() }; // the same again is the same version
    try {
      const { job_id: made } = await remix(id, changes, sent.key);
      keepMoment({ id: made, createdAt: new Date().toISOString(), style: wishes.style.value, parentId: id });
      accepted();
      if (!alive.aborted) go(`/moments/${made}`);
      return null;
    } catch (error) {
      return error instanceof Problem ? error : new Problem(t("error.offline"));
    }
  };
}

/**
 * @param {Problem} problem
 * @param {Faults} faults
 */
function sentenceFor(problem, faults) {
  const name = `edit.refused.${problem.code}`;
  const others = faults.show(problem.errors);
  if (hasText(name)) return t(name, { seconds: problem.retryAfter });
  if (problem.errors.length > others.length) return [t("edit.refused"), ...others.map(({ message }) => message)].join(" ");
  return problem.message;
}

/** @param {Wishes} wishes */
function tempoInWords(wishes) {
  const { bpm, changes } = tempoEffect(wishes);
  return changes && (bpm ? t("edit.wish_about", { bpm }) : t("edit.wish_some_tempo"));
}

/** @param {Wishes} wishes */
function wishesInWords(wishes) {
  const { before, style, key, tempo, metre, kind } = wishes;
  const asked = wishes.asked;
  return [
    style.value !== before.style && t("edit.wish_style", { style: styleName(style.value) }),
    wishes.notesDiffer && counted("edit.wish_notes", wishes.changedNotes),
    asked.key && t("edit.wish_key", { key: key.value ? keyInWords(key.value) : t("edit.open") }),
    keyMayChange(wishes) && t("edit.wish_some_key"),
    tempoInWords(wishes),
    asked.tempo && (tempo.value ? t("edit.bpm", { bpm: tempo.value }) : t("edit.wish_tempo")),
    metre.value !== before.metre && t("edit.wish_metre", { metre: metre.value || t("edit.open") }),
    wishes.kind.value === before.kind && wishes.energiesDiffer && t("edit.wish_energy"),
    kind.value !== before.kind && t(kind.value === "song" ? "edit.song" : "edit.preview"),
  ].filter((words) => words !== false);
}

/** A take before it is sent: its line, listening to it, cutting it, or humming again. */

import { h } from "../base/dom.js";
import { Signal } from "../base/signal.js";
import { clockTime, fileSize, t } from "../base/text.js";
import { LIMITS } from "../api/limits.js";
import { TakePlayer } from "./playing.js";
import { staff, usualRows } from "./staff.js";
import { hasTune, longestPart } from "./take.js";
import { trimmer } from "./trim.js";

/** @import { Part, Take } from "./take.js" */

/**
 * @param {Take} take
 * @param {{ part: Signal<Part>, refused: Signal<boolean> }} desk What of it is to be sent, and whether the service refused it.
 * @param {Node} again A button for another take.
 * @param {AbortSignal} alive
 * @returns {HTMLElement}
 */
export function takeView(take, { part, refused }, again, alive) {
  const controls = h("div", { class: "acts" });
  const shown = take.sound ? heard(take, part, controls, alive) : unheard(take, refused, alive);
  controls.append(again);
  return h("section", { class: "take", "aria-label": t("take.title") }, shown, controls, remark(take));
}

/**
 * @param {Take} take
 * @param {Signal<Part>} part
 * @param {HTMLElement} controls
 * @param {AbortSignal} alive
 */
function heard(take, part, controls, alive) {
  const { node, show } = staff(t("take.line"), alive);
  show({ ...usualRows(take.points), points: take.points, start: 0, end: take.seconds });
  const cursor = h("div", { class: "cursor", hidden: true });
  controls.append(listenButton(take, part, cursor, alive), length(part, alive));
  return h("div", { class: "stage" }, node, cursor, trimmer(part, take.seconds, alive));
}

/**
 * @param {Take} take
 * @param {Signal<Part>} part
 * @param {HTMLElement} cursor
 * @param {AbortSignal} alive
 */
function listenButton(take, part, cursor, alive) {
  const player = new TakePlayer(/** @type {NonNullable<Take["sound"]>} */ (take.sound), alive);
  const button = h("button", { type: "button" });
  button.onclick = () => (player.time.value === null ? player.play(part.value) : player.stop());
  part.watch(() => player.stop(), alive);
  player.time.watch((time) => {
    button.textContent = t(time === null ? "take.listen" : "take.pause");
    cursor.hidden = time === null;
    cursor.style.setProperty("--at", String((time ?? 0) / take.seconds));
  }, alive);
  return button;
}

/**
 * @param {Signal<Part>} part
 * @param {AbortSignal} alive
 */
function length(part, alive) {
  const node = h("span", { class: "clock" });
  part.watch(({ from, to }) => { node.textContent = t("take.length", { time: clockTime(Math.round(to - from)) }); }, alive);
  return node;
}

/**
 * @param {Take} take
 * @param {Signal<boolean>} refused Then there is nothing to hope for any more.
 * @param {AbortSignal} alive
 */
function unheard({ name, recording, seconds }, refused, alive) {
  const node = h("p");
  const hopeful = seconds ? "take.unshown" : "take.unheard";
  refused.watch((now) => { node.textContent = t(now ? "take.refused" : hopeful, { name, size: fileSize(recording.size) }); }, alive);
  return node;
}

/** @param {Take} take */
function remark(take) {
  if (!hasTune(take)) return h("p", { class: "remark" }, t("take.no_tune"));
  if (take.seconds > longestPart(take).to) return h("p", { class: "remark" }, t("take.too_long", { most: LIMITS.longest_seconds }));
  return take.sound && h("p", { class: "hint" }, t("take.hint"));
}

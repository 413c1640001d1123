/** The buttons that compare two versions, and the key that changes between them. */

import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { factsOf } from "./differences.js";

/** @import { Comparison, Side } from "./comparison.js" */

const KEY = "b";
const TYPING = "input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]";

/**
 * @param {Comparison} comparison
 * @param {AbortSignal} alive
 */
export function comparisonBar(comparison, alive) {
  const play = h("button", { type: "button", class: "primary", onclick: () => comparison.play() });
  const said = h("p", { class: "unseen", role: "status" });
  const bar = h("div", { class: "comparison", role: "group", "aria-label": t("versions.comparison") }, play,
    sideButton("a", comparison, alive), sideButton("b", comparison, alive), h("p", { class: "about" }, t("versions.key"), h("span", { class: "keyboard" }, " ", t("versions.key_b"))), said);
  comparison.playing.watch((playing) => { play.textContent = t(playing ? "versions.pause" : "versions.play"); }, alive);
  comparison.other.watch((other) => { bar.hidden = !other; }, alive);
  comparison.side.watch((side) => { said.textContent = comparison.other.value ? t(`versions.hear.${side}`) : ""; }, alive);
  takeKey(comparison, alive);
  return bar;
}

/**
 * @param {Side} side
 * @param {Comparison} comparison
 * @param {AbortSignal} alive
 */
function sideButton(side, comparison, alive) {
  const facts = h("span", { class: "about" });
  const button = h("button", { type: "button", class: "side" }, h("strong", {}, side.toUpperCase()), " ", facts);
  button.onclick = () => { if (comparison.side.value !== side) void flip(comparison); };
  comparison.side.watch((now) => button.setAttribute("aria-pressed", String(now === side)), alive);
  comparison.other.watch(() => {
    const status = comparison.moment(side)?.status.value;
    facts.textContent = status ? factsOf(status) : "";
  }, alive);
  return button;
}

/**
 * The key works all over the view, but only while two versions are compared, and not where it is a letter.
 * @param {Comparison} comparison
 * @param {AbortSignal} alive
 */
function takeKey(comparison, alive) {
  document.addEventListener("keydown", (event) => {
    const { key, target, repeat, ctrlKey, metaKey, altKey } = event;
    if (key.toLowerCase() !== KEY || repeat || ctrlKey || metaKey || altKey || !comparison.other.value) return;
    if (target instanceof Element && target.matches(TYPING)) return;
    event.preventDefault();
    void flip(comparison);
  }, { signal: alive });
}

/** @param {Comparison} comparison */
function flip(comparison) {
  return comparison.flip().catch(() => notify(t("versions.not_loaded")));
}

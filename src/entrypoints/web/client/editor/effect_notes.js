/** Says beside tempo and key what the chosen style does to them, and offers to keep them. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { keyInWords } from "../roll/names.js";
import { styleName } from "../styles/style_name.js";
import { keyMayChange, tempoEffect } from "./style_tempo.js";

/** @import { Wishes } from "./wishes.js" */

/**
 * @param {Wishes} wishes
 * @param {AbortSignal} alive
 */
export function tempoNote(wishes, alive) {
  return effectNote(wishes, "tempo", () => {
    const { bpm, changes } = tempoEffect(wishes);
    const style = styleName(wishes.style.value);
    return changes ? t(bpm ? "edit.style_tempo" : "edit.style_some_tempo", { style, bpm: bpm ?? "" }) : "";
  }, () => t("edit.bpm", { bpm: wishes.tempo.value }), alive);
}

/**
 * @param {Wishes} wishes
 * @param {AbortSignal} alive
 */
export function keyNote(wishes, alive) {
  return effectNote(wishes, "key", () => (keyMayChange(wishes) ? t("edit.style_key") : ""),
    () => keyInWords(wishes.key.value), alive);
}

/**
 * @param {Wishes} wishes
 * @param {"tempo" | "key"} what
 * @param {() => string} effect
 * @param {() => string} named What may be kept.
 * @param {AbortSignal} alive
 */
function effectNote(wishes, what, effect, named, alive) {
  const said = h("p", { role: "status", class: "about", tabindex: -1 });
  const keep = h("button", { type: "button", class: "chip" });
  keep.onclick = () => {
    const kept = t("edit.kept", { what: named() });
    wishes.hold(what);
    said.textContent = kept;
    said.focus(); // the button has gone
  };
  wishes.watch(() => {
    said.textContent = effect();
    keep.hidden = !said.textContent;
    if (!keep.hidden) keep.textContent = t("edit.keep", { what: named() });
  }, alive);
  return h("div", { class: "edit-effect" }, said, keep);
}

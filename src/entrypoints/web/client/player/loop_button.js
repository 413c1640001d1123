/** The button that loops what is heard, and ends the loop; and what else there is to say about loops. */

import { h, svg } from "../base/dom.js";
import { clockTime, t } from "../base/text.js";
import { sectionAt } from "./places.js";

/** @import { Music } from "./music.js" */

const ARROWS = "M6 7h9a4 4 0 0 1 4 4v1M18 17H9a4 4 0 0 1-4-4v-1M9 4 6 7l3 3M15 14l3 3-3 3";

/**
 * Loop the section that is heard, or all of the music where it has none; end the loop that there is.
 * @param {Music} music
 */
export function toggleLoop({ playback, form }) {
  const { loop, time, length } = playback;
  playback.setLoop(loop.value ? null : sectionAt(form.value, time.value) ?? { start: 0, end: length.value });
}

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function loopButton(music, alive) {
  const words = h("span");
  const button = h("button", { type: "button", class: "loop-button", onclick: () => toggleLoop(music) },
    svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ARROWS })), words);
  music.playback.loop.watch((loop) => {
    button.setAttribute("aria-pressed", String(loop !== null));
    words.textContent = loop ? t("player.looping", { from: clockTime(loop.start), to: clockTime(loop.end) }) : t("player.loop_here");
  }, alive);
  music.playback.length.watch((length) => { button.hidden = !length; }, alive);
  return button;
}

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function loopHint({ playback, form }, alive) {
  const hint = h("p", { class: "loop-hint" });
  const show = () => {
    hint.hidden = !playback.length.value;
    hint.textContent = t(playback.loop.value ? "player.hint_looping" : form.value.length ? "player.hint_sections" : "player.hint_drag");
  };
  for (const signal of [playback.loop, playback.length, form]) /** @type {import("../base/signal.js").Signal<unknown>} */ (signal).watch(show, alive);
  return hint;
}

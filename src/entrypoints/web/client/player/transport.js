/** Play and pause, the time, and what is playing just now. */

import { h, replace } from "../base/dom.js";
import { clockTime, t } from "../base/text.js";
import { loopButton } from "./loop_button.js";
import { chordAt, sectionAt } from "./places.js";
import { playIcon } from "./play_icon.js";

/** @import { Music } from "./music.js" */

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function transport(music, alive) {
  return h("div", { class: "transport" }, playButton(music, alive), times(music, alive), now(music, alive), loopButton(music, alive));
}

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function playButton({ playback }, alive) {
  const button = h("button", { type: "button", class: "play primary", onclick: () => playback.toggle() });
  const show = () => {
    const playing = playback.playing.value;
    replace(button, playIcon(playing), playback.blocked.value && h("span", {}, t("player.tap")));
    button.setAttribute("aria-label", t(playing ? "player.pause" : playback.blocked.value ? "player.tap" : "player.play"));
    button.classList.toggle("inviting", playback.blocked.value);
  };
  playback.playing.watch(show, alive);
  playback.blocked.watch(show, alive);
  return button;
}

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function times({ playback }, alive) {
  const [time, length] = [h("span", { class: "now" }), h("span", { class: "whole" })];
  let shown = "";
  playback.time.watch((seconds) => {
    const text = clockTime(seconds);
    if (text !== shown) time.textContent = shown = text; // 60 times a second would be wasted
  }, alive);
  playback.length.watch((seconds) => { length.textContent = ` / ${clockTime(seconds)}`; }, alive);
  return h("p", { class: "times", role: "timer", "aria-live": "off" }, time, length);
}

/**
 * The section and the chord that are heard.
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function now(music, alive) {
  const place = h("p", { class: "place", "aria-hidden": true });
  const show = () => {
    const seconds = music.playback.time.value;
    const parts = [sectionAt(music.form.value, seconds)?.name, chordAt(music.chords.value, seconds)];
    const text = parts.filter(Boolean).join(" · ");
    if (text !== place.textContent) place.textContent = text;
  };
  for (const signal of [music.playback.time, music.form, music.chords]) signal.watch(show, alive);
  return place;
}

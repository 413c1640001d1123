/** The waveform: shows where the music is, and takes it elsewhere. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { sharpCanvas } from "../roll/canvas.js";
import { loopEdges } from "./loop_edges.js";
import { placeInWords } from "./places.js";
import { followPointer } from "./wave_pointer.js";
import { drawChords, drawWave } from "./wave_drawing.js";

/** @import { Music } from "./music.js" */

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function wave(music, alive) {
  const { playback } = music;
  const layers = [layer("rest", drawWave(music), alive), layer("lit", drawWave(music), alive), layer("chords", drawChords(music), alive)];
  const slider = h("div", { class: "slider", role: "slider", tabindex: 0, "aria-label": t("player.position"), "aria-valuemin": 0 },
    layers.map(({ canvas }) => canvas), h("div", { class: "loop" }), h("div", { class: "head" }));
  const whole = h("div", { class: "wave", title: t("player.help") }, slider, loopEdges(music, alive));
  for (const signal of [music.outline, music.form, music.chords, playback.length]) signal.watch(() => layers.forEach(({ redraw }) => redraw()), alive);
  showPlace(whole, slider, music, alive);
  showLoop(whole, music, alive);
  followPointer(slider, playback, alive);
  return whole;
}

/**
 * @param {string} name
 * @param {import("../roll/canvas.js").Draw} draw
 * @param {AbortSignal} alive
 */
function layer(name, draw, alive) {
  return sharpCanvas(draw, alive, { class: name, role: null, "aria-hidden": true });
}

/**
 * @param {HTMLElement} whole
 * @param {HTMLElement} slider
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function showPlace(whole, slider, music, alive) {
  const { time, length } = music.playback;
  let told = -1;
  const show = () => {
    whole.style.setProperty("--at", String(length.value ? time.value / length.value : 0));
    const second = Math.floor(time.value); // screen readers need no more, and layout work is saved
    if (second === told) return;
    told = second;
    slider.setAttribute("aria-valuenow", time.value.toFixed(1));
    slider.setAttribute("aria-valuetext", placeInWords(music, time.value));
  };
  time.watch(show, alive);
  for (const signal of [length, music.form, music.chords]) {
    signal.watch(() => { told = -1; slider.setAttribute("aria-valuemax", length.value.toFixed(1)); show(); }, alive);
  }
}

/**
 * @param {HTMLElement} whole
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function showLoop(whole, { playback }, alive) {
  playback.loop.watch((loop) => {
    whole.classList.toggle("looping", loop !== null);
    if (!loop) return;
    whole.style.setProperty("--from", String(loop.start / playback.length.value));
    whole.style.setProperty("--to", String(loop.end / playback.length.value));
  }, alive);
}

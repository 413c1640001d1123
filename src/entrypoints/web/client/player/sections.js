/** The sections of the music under its waveform; pressing one loops it. */

import { h, replace } from "../base/dom.js";
import { clockTime, t } from "../base/text.js";
import { keyInWords } from "../roll/names.js";

/** @import { PlayedSection } from "../api/types.js" */
/** @import { Music } from "./music.js" */

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function sections(music, alive) {
  const row = h("div", { class: "sections", role: "group", "aria-label": t("player.sections") });
  const { playback, form } = music;
  const show = () => {
    replace(row, form.value.map((section, index) => chip(section, form.value[index - 1], music)));
    row.style.setProperty("--columns", columns(form.value, playback.length.value));
    mark(row, music);
  };
  form.watch(show, alive);
  playback.length.watch(show, alive);
  playback.loop.watch(() => mark(row, music), alive);
  return row;
}

/**
 * @param {PlayedSection} section
 * @param {PlayedSection | undefined} before
 * @param {Music} music
 */
function chip(section, before, { playback }) {
  const { name, start, end, energy, key } = section;
  const label = t("player.loop", { name, from: clockTime(start), to: clockTime(end), key: keyInWords(key), energy: Math.round(energy * 100) });
  const button = h("button", { type: "button", class: "section", "aria-label": label, title: label },
    h("span", { class: "name" }, name), before && key !== before.key && h("span", { class: "key" }, keyInWords(key)));
  button.style.setProperty("--energy", String(energy));
  button.onclick = () => playback.setLoop(loops(playback.loop.value, section) ? null : { start, end });
  return button;
}

/**
 * Return columns that lie under the sections of the waveform, each wide enough for its name.
 * @param {readonly PlayedSection[]} form
 * @param {number} length
 */
function columns(form, length) {
  const tail = Math.max(0, length - (form.at(-1)?.end ?? 0));
  return [...form.map(({ start, end }) => `minmax(min-content, ${end - start}fr)`), `minmax(0, ${tail}fr)`].join(" ");
}

/**
 * @param {Element} row
 * @param {Music} music
 */
function mark(row, { playback, form }) {
  form.value.forEach((section, index) => {
    row.children[index]?.setAttribute("aria-pressed", String(loops(playback.loop.value, section)));
  });
}

/**
 * @param {import("./deck.js").Span | null} loop
 * @param {PlayedSection} section
 */
export function loops(loop, { start, end }) {
  return loop !== null && Math.abs(loop.start - start) < 0.01 && Math.abs(loop.end - end) < 0.01;
}

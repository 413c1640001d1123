/** Which section and which chord a place of the music is in. */

import { clockTime, t } from "../base/text.js";
import { withSigns } from "../roll/names.js";

/** @import { PlayedChord, PlayedSection } from "../api/types.js" */
/** @import { Music } from "./music.js" */

/**
 * @param {readonly PlayedSection[]} form
 * @param {number} seconds
 */
export function sectionAt(form, seconds) {
  return form.filter(({ start }) => seconds >= start).at(-1);
}

/**
 * @param {readonly PlayedChord[]} chords
 * @param {number} seconds
 */
export function chordAt(chords, seconds) {
  const found = chords.find(({ start, end }) => seconds >= start && seconds < end);
  return found && withSigns(found.symbol);
}

/**
 * Return a place in words, such as "0:07 of 0:24, theme, Dm".
 * @param {Music} music
 * @param {number} seconds
 */
export function placeInWords({ playback, form, chords }, seconds) {
  const time = t("player.time", { time: clockTime(seconds), length: clockTime(playback.length.value) });
  return [time, sectionAt(form.value, seconds)?.name, chordAt(chords.value, seconds)].filter(Boolean).join(", ");
}

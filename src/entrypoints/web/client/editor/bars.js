/** Bars of a hum, and how a note is called. */

import { t } from "../base/text.js";
import { beatsInBar } from "../roll/bars.js";
import { pitchName } from "../roll/names.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Notes } from "./note_edits.js" */

/**
 * Return the bar in which a time lies, from 1 on; 0 is what sounds before the first.
 * @param {number} seconds
 * @param {Analysis} analysis
 */
export function barOf(seconds, { beats = [], tempo_bpm: tempo, time_signature: metre }) {
  const near = seconds + 0.1; // who hums a little early means the beat
  const last = beats[beats.length - 1] ?? 0;
  const beat = near >= last ? Math.max(0, beats.length - 1) + ((near - last) * tempo) / 60 : beats.findLastIndex((at) => at <= near);
  return Math.floor(beat / beatsInBar(metre)) + 1;
}

/**
 * Return what a note is called: "A4, note 3 of 12, bar 1".
 * @param {Notes} notes
 * @param {number} index
 * @param {Analysis} analysis
 */
export function noteLabel(notes, index, analysis) {
  const { start, pitch } = notes[index];
  const bar = barOf(start, analysis);
  const values = { pitch: pitchName(pitch, analysis.key), number: index + 1, count: notes.length, bar };
  return t(bar > 0 ? "edit.note" : "edit.note_upbeat", values);
}

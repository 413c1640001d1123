/** The notes of a hum as they are written. */

/** @import { Analysis } from "../api/types.js" */
/** @import { Note } from "./notes.js" */

/**
 * Return the notes that were heard, or that an edit has left; seconds of the recording.
 * @param {Analysis} analysis
 * @returns {Note[]}
 */
export function notesOf({ notes, written }) {
  return notes.map(({ onset, duration, pitch }, index) => ({ start: onset, duration, pitch: written?.[index] ?? Math.round(pitch) }));
}

/**
 * Return what two notes have in common that are the same, to the millisecond.
 * @param {Note} note
 */
export function nameOf({ start, duration, pitch }) {
  return [start.toFixed(3), duration.toFixed(3), pitch].join(" ");
}

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

/**
 * Return how many notes of one version are not in the other.
 * @param {readonly Note[]} version
 * @param {readonly Note[]} other
 */
export function changedNotes(version, other) {
  const [now, before] = [version, other].map((notes) => new Set(notes.map(nameOf)));
  return Math.max(missing(now, before), missing(before, now));
}

/** @param {Set<string>} from @param {Set<string>} to */
const missing = (from, to) => [...from].filter((name) => !to.has(name)).length;

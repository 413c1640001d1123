/**
 * Changes of a tune: from notes to other notes, as a remix takes them (docs/api.md, "Remix").
 *
 * Notes are in order and one at a time, so that whatever is moved stops at its neighbours. A change that is not possible
 * returns the same list.
 */

import { notesOf } from "../roll/written.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Note } from "../roll/notes.js" */
/** @typedef {readonly Note[]} Notes */

export const [LOWEST, HIGHEST] = [21, 108];
export const MOST_NOTES = 1024;

/** Seconds. */
export const LONGEST = 120;
export const SHORTEST = 0.03;

/**
 * Return the notes of a hum as a remix takes them.
 * @param {Analysis} analysis
 * @returns {Note[]}
 */
export function editableNotes(analysis) {
  const all = notesOf(analysis);
  return all.slice(0, MOST_NOTES).map(({ start, duration, pitch }, index) => ({
    start,
    duration: Math.max(SHORTEST, Math.min(duration, (all[index + 1]?.start ?? LONGEST) - start)),
    pitch: between(LOWEST, Math.round(pitch), HIGHEST),
  }));
}

/** @param {Note} note */
export const endOf = ({ start, duration }) => start + duration;

/** @param {Notes} notes @param {number} index @param {number} pitch MIDI number. */
export function repitched(notes, index, pitch) {
  return withNote(notes, index, { pitch: between(LOWEST, Math.round(pitch), HIGHEST) });
}

/** @param {Notes} notes @param {number} index @param {number} start @param {number} last Where the tune ends at the latest. */
export function moved(notes, index, start, last) {
  const { before, after } = roomOf(notes, index, last);
  return withNote(notes, index, { start: between(before, inMs(start), Math.max(before, after - notes[index].duration)) });
}

/** Move the beginning alone. @param {Notes} notes @param {number} index @param {number} start */
export function withStart(notes, index, start) {
  const end = endOf(notes[index]);
  const at = between(roomOf(notes, index, LONGEST).before, inMs(start), end - SHORTEST);
  return withNote(notes, index, { start: at, duration: exact(end - at) });
}

/** Move the end alone. @param {Notes} notes @param {number} index @param {number} end @param {number} last */
export function withEnd(notes, index, end, last) {
  const { start } = notes[index];
  const at = between(start + SHORTEST, inMs(end), roomOf(notes, index, last).after);
  return withNote(notes, index, { duration: exact(at - start) });
}

/** Make two notes of one. @param {Notes} notes @param {number} index @param {number} [at] Seconds; the middle. */
export function split(notes, index, at = notes[index].start + notes[index].duration / 2) {
  const note = notes[index];
  const cut = inMs(at);
  if (notes.length >= MOST_NOTES || cut - note.start < SHORTEST || endOf(note) - cut < SHORTEST) return notes;
  const first = { ...note, duration: exact(cut - note.start) };
  return notes.toSpliced(index, 1, first, { ...note, start: cut, duration: exact(endOf(note) - cut) });
}

/** Make one note of a note and the next, with the pitch of the first. @param {Notes} notes @param {number} index */
export function joined(notes, index) {
  const [note, next] = notes.slice(index, index + 2);
  return next ? notes.toSpliced(index, 2, { ...note, duration: exact(endOf(next) - note.start) }) : notes;
}

/** @param {Notes} notes @param {number} index */
export function removed(notes, index) {
  return notes.length > 1 ? notes.toSpliced(index, 1) : notes;
}

/**
 * Add a note; one that sounds there ends where the new one begins.
 * @param {Notes} notes
 * @param {Note} wanted Its duration is as long as there is room.
 * @param {number} last
 * @returns {{ notes: Notes, index: number }}
 */
export function added(notes, wanted, last) {
  const start = between(0, inMs(wanted.start), last - SHORTEST);
  const index = notes.findLastIndex((note) => note.start <= start) + 1;
  const before = notes[index - 1];
  const inside = before !== undefined && start < endOf(before) - SHORTEST;
  const room = Math.min(notes[index]?.start ?? last, inside ? endOf(before) : Infinity) - start;
  const at = before ? Math.max(start, inside ? start : endOf(before)) : start;
  const duration = exact(Math.min(wanted.duration, room - (at - start)));
  if (notes.length >= MOST_NOTES || duration < SHORTEST || (inside && at - before.start < SHORTEST)) return { notes, index: -1 };
  const note = { start: at, duration, pitch: between(LOWEST, Math.round(wanted.pitch), HIGHEST) };
  const shortened = inside ? withNote(notes, index - 1, { duration: exact(at - before.start) }) : notes;
  return { notes: shortened.toSpliced(index, 0, note), index };
}

/**
 * Return from where to where a note may be.
 * @param {Notes} notes
 * @param {number} index
 * @param {number} last
 */
function roomOf(notes, index, last) {
  return { before: index > 0 ? endOf(notes[index - 1]) : 0, after: notes[index + 1]?.start ?? Math.max(last, endOf(notes[index])) };
}

/** @param {Notes} notes @param {number} index @param {Partial<Note>} change @returns {Notes} */
function withNote(notes, index, change) {
  const note = { ...notes[index], ...change };
  const { start, duration, pitch } = notes[index];
  return note.start === start && note.duration === duration && note.pitch === pitch ? notes : notes.with(index, note);
}

/** @param {number} least @param {number} value @param {number} most */
const between = (least, value, most) => Math.min(Math.max(value, least), most);

/** @param {number} seconds */
const inMs = (seconds) => Math.round(seconds * 1000) / 1000;

/** Without the noise of adding. @param {number} seconds */
const exact = (seconds) => Math.round(seconds * 1e6) / 1e6;

/** Which note a pointer means: the nearest one, so that short notes are as easy to take as long ones. */

import { endOf } from "./note_edits.js";

/** @import { Frame } from "../roll/frame.js" */
/** @import { Notes } from "./note_edits.js" */

/** @typedef {"all" | "start" | "end"} Part Of a note: its beginning and its end are moved alone. */
/** @typedef {{ index: number, part: Part }} Hit */

/** CSS pixels around a note that are still meant for it: half of what a finger needs. */
const REACH = 22;
const EDGE = { mouse: { inside: 8, outside: 4 }, touch: { inside: 16, outside: 14 } };
const LEAST_BODY = 12;

/**
 * Return the note at a place, and the part of it; null where there is none near.
 * @param {Notes} notes
 * @param {Frame} frame
 * @param {{ x: number, y: number, touch: boolean }} at
 * @param {number} chosen Its edges reach further: who wants to move them has chosen the note before.
 * @returns {Hit | null}
 */
export function hitAt(notes, frame, at, chosen) {
  const near = notes.map((note, index) => ({ index, far: distance(boxOf(note, frame), at) })).filter(({ far }) => far <= REACH);
  const edge = notes[chosen] ? edgeAt(boxOf(notes[chosen], frame), at, true) : null;
  const nearest = near.reduce((best, one) => (one.far < best.far ? one : best), { index: -1, far: Infinity });
  if (edge && nearest.far > 0) return { index: chosen, part: edge };
  if (nearest.index < 0) return null;
  return { index: nearest.index, part: edgeAt(boxOf(notes[nearest.index], frame), at, nearest.index === chosen) ?? "all" };
}

/**
 * @param {import("../roll/notes.js").Note} note
 * @param {Frame} frame
 */
function boxOf(note, frame) {
  const middle = frame.y(note.pitch);
  return { left: frame.x(note.start), right: frame.x(endOf(note)), top: middle - frame.semitone / 2, bottom: middle + frame.semitone / 2 };
}

/** @typedef {ReturnType<typeof boxOf>} Box */

/**
 * @param {Box} box
 * @param {{ x: number, y: number }} at
 */
function distance({ left, right, top, bottom }, { x, y }) {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}

/**
 * Return the edge at a place, if there is one; a finger takes those of the chosen note alone.
 * @param {Box} box
 * @param {{ x: number, y: number, touch: boolean }} at
 * @param {boolean} chosen
 * @returns {Part | null}
 */
function edgeAt({ left, right, top, bottom }, { x, y, touch }, chosen) {
  if ((touch && !chosen) || y < top - REACH || y > bottom + REACH) return null;
  const { inside, outside } = EDGE[touch ? "touch" : "mouse"];
  const within = Math.min(inside, (right - left - LEAST_BODY) / 2);
  if (x >= left - outside && x <= left + within) return "start";
  return x <= right + outside && x >= right - within ? "end" : null;
}

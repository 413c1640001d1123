/** The picture of what was heard: grid, bars, phrases, the voice and the notes. */

import { barsOf, drawBars, drawPhrases, drawPlayhead, LANE } from "../roll/bars.js";
import { Frame, rowsFor } from "../roll/frame.js";
import { drawGrid } from "../roll/grid.js";
import { drawNotes, drawPitch } from "../roll/notes.js";

/** @import { Note, PitchPoint } from "../roll/notes.js" */

/**
 * @typedef {object} HeardPicture
 * @property {Note[]} notes
 * @property {PitchPoint[]} points The pitch of the voice, where this device has it.
 * @property {number[]} beats Seconds.
 * @property {string} [signature]
 * @property {number[]} phrases Indices of their first notes.
 * @property {string} key Spells the pitches.
 * @property {number} shown The part of the notes that has appeared, 0–1.
 * @property {number | null} at The second that is heard, or null.
 */

const OVER_VOICE = 0.78; // opacity of notes that lie over the line of the voice
const TOP = LANE + 10; // the lane of the bars' numbers, and the slurs

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number, left: number, start: number, end: number }} sides
 * @param {HeardPicture} picture
 */
export function drawHeard(context, sides, picture) {
  const { notes, points, beats, signature = "4/4", phrases, key, shown, at } = picture;
  const pitches = [...notes.map(({ pitch }) => pitch), ...(notes.length ? [] : points.flatMap(({ pitch }) => pitch ?? []))];
  const frame = new Frame({ ...sides, top: TOP, ...rowsFor(pitches) });
  const bars = barsOf(beats, signature);
  drawGrid(context, frame, { beats, bars, key });
  context.save();
  context.beginPath();
  context.rect(frame.left, 0, frame.width - frame.left, frame.height);
  context.clip(); // what lies before the seconds that are seen must not cover the names
  drawBars(context, frame, bars);
  if (shown === 1) drawPhrases(context, frame, notes, phrases);
  drawPitch(context, frame, points);
  context.globalAlpha = points.length ? OVER_VOICE : 1;
  drawNotes(context, frame, notes, { until: untilOf(notes, shown), chosen: sounding(notes, at), key: points.length ? undefined : key });
  context.globalAlpha = 1;
  if (at !== null) drawPlayhead(context, frame, at);
  context.restore();
}

/**
 * Return the second up to which notes have appeared.
 * @param {Note[]} notes
 * @param {number} shown
 */
function untilOf(notes, shown) {
  const last = notes.at(-1);
  return shown === 1 || !last ? Infinity : (last.start + last.duration) * shown;
}

/**
 * Return the indices of the notes that sound at a time.
 * @param {Note[]} notes
 * @param {number | null} at
 * @returns {Set<number>}
 */
function sounding(notes, at) {
  if (at === null) return new Set();
  return new Set(notes.flatMap(({ start, duration }, index) => (at >= start && at < start + duration ? [index] : [])));
}

/** The picture of what was heard: grid, bars, phrases, the voice and the notes. */

import { barsOf, drawBars, drawPhrases, drawPlayhead, LANE } from "../roll/bars.js";
import { Frame, rowsFor } from "../roll/frame.js";
import { drawGrid } from "../roll/grid.js";
import { drawNotes, drawPitch } from "../roll/notes.js";

/** @import { Edits } from "./edits.js" */
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
 * @property {Edits | null} edits What was edited, where that is known.
 * @property {number | null} at The second that is heard, or null.
 */

const OUTLIERS = 0.03; // part of the pitches, at either end
const OVER_VOICE = 0.78; // opacity of notes that lie over the line of the voice
const BEFORE = 0.3; // and of those that were heard before an edit
const TOP = LANE + 10; // the lane of the bars' numbers, and the slurs

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number, left: number, start: number, end: number }} sides
 * @param {HeardPicture} picture
 */
export function drawHeard(context, sides, picture) {
  const { notes, points, beats, signature = "4/4", phrases, key, shown, at, edits } = picture;
  const before = edits?.before ?? [];
  const pitches = notes.length ? [...notes, ...before].map(({ pitch }) => pitch) : mostOf(points);
  const frame = new Frame({ ...sides, top: TOP, ...rowsFor(pitches) });
  const bars = barsOf(beats, signature);
  drawGrid(context, frame, { beats, bars, key });
  context.save();
  clip(context, frame, 0); // what lies before the seconds that are seen must not cover the names
  drawBars(context, frame, bars);
  if (shown === 1) drawPhrases(context, frame, notes, phrases);
  if (at !== null) drawPlayhead(context, frame, at);
  clip(context, frame, frame.top); // nor what was no voice the numbers of the bars
  context.globalAlpha = BEFORE;
  drawNotes(context, frame, before);
  context.globalAlpha = 1;
  drawPitch(context, frame, points);
  context.globalAlpha = points.length ? OVER_VOICE : 1;
  drawNotes(context, frame, notes, { until: untilOf(notes, shown), chosen: sounding(notes, at), hollow: edits?.changed, key: points.length ? undefined : key });
  context.restore();
}

/**
 * Return the pitches of a voice without the few that are far off: a click or a breath is not to make the rows narrow.
 * @param {PitchPoint[]} points
 */
function mostOf(points) {
  const sorted = points.flatMap(({ pitch }) => pitch ?? []).sort((one, other) => one - other);
  const few = Math.floor(sorted.length * OUTLIERS);
  return sorted.slice(few, sorted.length - few);
}

/**
 * Keep what is drawn from here on within the seconds that are seen, and below a height.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number} top
 */
function clip(context, frame, top) {
  context.beginPath();
  context.rect(frame.left, top, frame.width - frame.left, frame.height - top);
  context.clip();
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

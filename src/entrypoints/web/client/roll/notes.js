/** Notes as bars, and the pitch of a voice as a line. */

import { colour, write } from "./canvas.js";
import { pitchName } from "./names.js";

/** @import { Frame } from "./frame.js" */

/**
 * @typedef {object} Note
 * @property {number} start Seconds.
 * @property {number} duration Seconds.
 * @property {number} pitch MIDI number.
 */

/**
 * The pitch of a voice at a time; a pitch of null is silence or noise.
 * @typedef {{ at: number, pitch: number | null }} PitchPoint
 */

/** @typedef {{ has: (index: number) => boolean }} Indices */

/** @type {Indices} */
const NONE = new Set();
const ROUND = 4;
const OUTLINE = 2.5;
const LEAP = 4; // semitones from one point to the next from which on a line breaks: no voice glides so fast
const AROUND_S = 1; // beyond the sides that is drawn as well, so that no line ends before them
const NAMED = { width: 30, row: 13 }; // pixels from which on a note has its name in it

/**
 * Draw notes.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Note[]} notes
 * @param {{ fill?: string, chosen?: Indices, hollow?: Indices, until?: number, key?: string }} [look] A colour of base.css;
 *   which notes are chosen, and of which the outline alone is drawn; the second up to which they are drawn; the key that
 *   spells their names.
 */
export function drawNotes(context, frame, notes, { fill = "--note", chosen = NONE, hollow = NONE, until = Infinity, key } = {}) {
  notes.forEach((note, index) => {
    if (note.start >= until || note.start > frame.end || note.start + note.duration < frame.start) return;
    const [x, y] = [frame.x(note.start), frame.y(note.pitch) - frame.semitone / 2];
    const width = Math.max(2, frame.x(Math.min(note.start + note.duration, until)) - x - 1);
    const tone = colour(chosen.has(index) ? "--accent" : fill);
    drawBar(context, { x, y: y + 0.5, width, height: frame.semitone - 1 }, tone, hollow.has(index));
    if (key !== undefined && width >= NAMED.width && frame.semitone >= NAMED.row) {
      write(context, pitchName(note.pitch, key), x + 5, frame.y(note.pitch) + 4, hollow.has(index) ? tone : colour("--panel"));
    }
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number, y: number, width: number, height: number }} box
 * @param {string} tone
 * @param {boolean} hollow
 */
function drawBar(context, { x, y, width, height }, tone, hollow) {
  const inset = hollow ? Math.min(OUTLINE, width / 2) / 2 : 0; // the outline lies within the bar
  context.beginPath();
  context.roundRect(x + inset, y + inset, Math.max(width - 2 * inset, 0), Math.max(height - 2 * inset, 0), Math.min(ROUND, width / 2));
  context.fillStyle = hollow ? colour("--panel") : tone;
  context.fill();
  if (!hollow) return;
  context.strokeStyle = tone;
  context.lineWidth = 2 * inset;
  context.stroke();
}

/**
 * Draw the line of a pitch; it breaks where there is none, and where it leaps.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {PitchPoint[]} points
 */
export function drawPitch(context, frame, points) {
  context.strokeStyle = colour("--voice");
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  /** @type {number | null} */
  let before = null;
  for (const { at, pitch } of points) {
    if (at < frame.start - AROUND_S || at > frame.end + AROUND_S) continue; // of two minutes, a phone shows seconds
    if (pitch !== null && before !== null && Math.abs(pitch - before) < LEAP) context.lineTo(frame.x(at), frame.y(pitch));
    else if (pitch !== null) context.moveTo(frame.x(at), frame.y(pitch));
    before = pitch;
  }
  context.stroke();
}

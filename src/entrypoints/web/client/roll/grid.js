/** The background of notes: rows like those of a keyboard, with lines where a staff has them, and seconds or beats. */

import { colour, stroke } from "./canvas.js";
import { pitchName } from "./names.js";

/** @import { Frame } from "./frame.js" */

const BLACK_KEYS = [1, 3, 6, 8, 10];
const STAFF_LINES = [43, 47, 50, 53, 57, 64, 67, 71, 74, 77]; // of the bass and the treble clef
const LEAST_ROW = 12; // pixels of a row in which each white key is named, not only each C

/**
 * Draw the grid.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {{ beats?: number[], each?: number, bars?: number[], key?: string }} [columns] Seconds of the beats, of which
 *   each so-and-so-many-th is strong unless bar lines are drawn of their own; a key that spells the pitches.
 */
export function drawGrid(context, frame, { beats = [], each = 4, bars, key = "" } = {}) {
  for (let pitch = frame.low; pitch < frame.high; pitch++) drawRow(context, frame, pitch);
  const columns = beats.length ? beats : wholeSeconds(frame);
  columns.forEach((at, index) => drawColumn(context, frame, at, !bars && beats.length > 0 && index % each === 0));
  for (let pitch = frame.low; pitch < frame.high; pitch++) drawName(context, frame, pitch, key);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number} pitch
 */
function drawRow(context, frame, pitch) {
  const middle = frame.y(pitch);
  if (BLACK_KEYS.includes(pitch % 12)) {
    context.fillStyle = colour("--row");
    context.fillRect(frame.left, middle - frame.semitone / 2, frame.width - frame.left, frame.semitone);
  }
  if (STAFF_LINES.includes(pitch)) stroke(context, colour("--line"), 1, [frame.left, middle], [frame.width, middle]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number} pitch
 * @param {string} key
 */
function drawName(context, frame, pitch, key) {
  const named = frame.semitone >= LEAST_ROW ? !BLACK_KEYS.includes(pitch % 12) : pitch % 12 === 0;
  if (!named) return;
  context.fillStyle = colour("--quiet");
  context.font = "11px system-ui, sans-serif";
  context.fillText(pitchName(pitch, key), 4, frame.y(pitch) + 4);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number} seconds
 * @param {boolean} strong
 */
function drawColumn(context, frame, seconds, strong) {
  const x = Math.round(frame.x(seconds)) + 0.5;
  if (x < frame.left || x > frame.width) return;
  stroke(context, colour(strong ? "--line" : "--row"), 1, [x, frame.top], [x, frame.height]);
}

/** @param {Frame} frame */
function wholeSeconds(frame) {
  const first = Math.ceil(frame.start);
  return Array.from({ length: Math.max(0, Math.floor(frame.end) - first + 1) }, (_, index) => first + index);
}

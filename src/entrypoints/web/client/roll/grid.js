/** The background of notes: rows like those of a keyboard, with lines where a staff has them, and seconds or beats. */

import { colour } from "./canvas.js";

/** @import { Frame } from "./frame.js" */

const BLACK_KEYS = [1, 3, 6, 8, 10];
const STAFF_LINES = [43, 47, 50, 53, 57, 64, 67, 71, 74, 77]; // of the bass and the treble clef
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const LEAST_ROW = 7;

/**
 * Draw the grid.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {{ beats?: number[], each?: number }} [columns] Seconds of the beats, of which each so-and-so-many-th is strong.
 */
export function drawGrid(context, frame, { beats = [], each = 4 } = {}) {
  for (let pitch = frame.low; pitch < frame.high; pitch++) drawRow(context, frame, pitch);
  const columns = beats.length ? beats : wholeSeconds(frame);
  columns.forEach((at, index) => drawColumn(context, frame, at, beats.length > 0 && index % each === 0));
}

/**
 * Return the name of a pitch, such as F♯4.
 * @param {number} pitch MIDI number.
 */
export function pitchName(pitch) {
  const whole = Math.round(pitch);
  return `${NAMES[((whole % 12) + 12) % 12]}${Math.floor(whole / 12) - 1}`;
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
    context.fillRect(0, middle - frame.semitone / 2, frame.width, frame.semitone);
  }
  if (STAFF_LINES.includes(pitch)) line(context, [0, middle], [frame.width, middle], colour("--line"));
  if (pitch % 12 === 0 && frame.semitone >= LEAST_ROW / 2) {
    context.fillStyle = colour("--quiet");
    context.font = "11px system-ui, sans-serif";
    context.fillText(pitchName(pitch), 4, middle + 4);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number} seconds
 * @param {boolean} strong
 */
function drawColumn(context, frame, seconds, strong) {
  const x = frame.x(seconds);
  if (x >= 0 && x <= frame.width) line(context, [x, 0], [x, frame.height], colour(strong ? "--line" : "--row"));
}

/** @param {Frame} frame */
function wholeSeconds(frame) {
  const first = Math.ceil(frame.start);
  return Array.from({ length: Math.max(0, Math.floor(frame.end) - first + 1) }, (_, index) => first + index);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {string} stroke
 */
function line(context, from, to, stroke) {
  context.strokeStyle = stroke;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/** A staff-like grid with the line of a pitch on it. The grid is a canvas of its own, which is seldom drawn. */

import { h } from "../base/dom.js";
import { colour, sharpCanvas } from "../roll/canvas.js";
import { Frame } from "../roll/frame.js";
import { drawGrid } from "../roll/grid.js";
import { drawNotes, drawPitch } from "../roll/notes.js";

/** @import { Note, PitchPoint } from "../roll/notes.js" */

/**
 * What is seen: seconds and MIDI numbers of the sides, and what lies between.
 * @typedef {object} Seen
 * @property {number} start
 * @property {number} end
 * @property {number} low
 * @property {number} high
 * @property {PitchPoint[]} points In order.
 * @property {Note[]} notes
 * @property {boolean} head Whether the line's last point is marked.
 */

const USUAL_LOW = 47;
const USUAL_HIGH = 75;
const ROOM = 3;
const HEAD_RADIUS = 6;

/**
 * @param {string} label
 * @param {AbortSignal} alive
 * @returns {{ node: HTMLElement, show: (changes: Partial<Seen>) => void }}
 */
export function staff(label, alive) {
  /** @type {Seen} */
  let seen = { start: 0, end: 8, low: USUAL_LOW, high: USUAL_HIGH, points: [], notes: [], head: false };
  const grid = sharpCanvas((context, width, height) => drawGrid(context, new Frame({ ...seen, start: 0.5, end: 0.6, width, height })), alive, { "aria-hidden": true });
  const line = sharpCanvas((context, width, height) => draw(context, new Frame({ ...seen, width, height }), seen), alive, { "aria-label": label });
  const show = (/** @type {Partial<Seen>} */ changes) => {
    const { low, high } = seen;
    seen = { ...seen, ...changes };
    if (seen.low !== low || seen.high !== high) grid.redraw();
    line.redraw();
  };
  return { node: h("div", { class: "staff" }, grid.canvas, line.canvas), show };
}

/**
 * Return rows that hold some pitches, and at least the usual ones; by halves of an octave, so that they seldom change.
 * @param {PitchPoint[]} points
 * @returns {{ low: number, high: number }}
 */
export function usualRows(points) {
  let [low, high] = [USUAL_LOW, USUAL_HIGH];
  for (const { pitch } of points) {
    while (pitch !== null && pitch < low + ROOM) low -= 6;
    while (pitch !== null && pitch > high - ROOM) high += 6;
  }
  return { low, high };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Seen} seen
 */
function draw(context, frame, { points, notes, start, end, head }) {
  drawNotes(context, frame, notes, { fill: "--line" });
  const first = firstAfter(points, start);
  drawPitch(context, frame, points.slice(Math.max(0, first - 1), firstAfter(points, end)));
  const last = points.at(-1);
  if (head && last && last.pitch !== null) drawHead(context, frame.x(last.at), frame.y(last.pitch));
}

/**
 * Return the index of the first point from a time on.
 * @param {PitchPoint[]} points
 * @param {number} seconds
 */
function firstAfter(points, seconds) {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].at < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 */
function drawHead(context, x, y) {
  context.fillStyle = colour("--voice");
  context.beginPath();
  context.arc(x, y, HEAD_RADIUS, 0, 2 * Math.PI);
  context.fill();
}

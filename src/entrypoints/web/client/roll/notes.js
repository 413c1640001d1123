/** Notes as bars, and the pitch of a voice as a line. */

import { colour } from "./canvas.js";

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

const ROUND = 4;

/**
 * Draw notes.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Note[]} notes
 * @param {{ fill?: string, chosen?: ReadonlySet<number> }} [look] A colour of base.css, and the indices of chosen notes.
 */
export function drawNotes(context, frame, notes, { fill = "--note", chosen = new Set() } = {}) {
  notes.forEach((note, index) => {
    const [x, y] = [frame.x(note.start), frame.y(note.pitch) - frame.semitone / 2];
    context.fillStyle = colour(chosen.has(index) ? "--accent" : fill);
    context.beginPath();
    context.roundRect(x, y + 0.5, Math.max(2, frame.x(note.start + note.duration) - x - 1), frame.semitone - 1, ROUND);
    context.fill();
  });
}

/**
 * Draw the line of a pitch; it breaks where there is none.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {PitchPoint[]} points
 */
export function drawPitch(context, frame, points) {
  context.strokeStyle = colour("--voice");
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  let inside = false;
  for (const { at, pitch } of points) {
    if (pitch === null) inside = false;
    else {
      if (inside) context.lineTo(frame.x(at), frame.y(pitch));
      else context.moveTo(frame.x(at), frame.y(pitch));
      inside = true;
    }
  }
  context.stroke();
}

/** What is written above and between notes: bar lines with their numbers, phrases, chords, and the playhead. */

import { colour, stroke, write } from "./canvas.js";

/** @import { Frame } from "./frame.js" */
/** @import { Note } from "./notes.js" */

export const LANE = 18; // height of a line of text above the notes
const LEAST_BAR = 26; // pixels below which only some bars have their numbers

/**
 * Draw bar lines, with numbers in the lane above the notes.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number[]} bars Seconds of the bar lines.
 */
export function drawBars(context, frame, bars) {
  const width = bars.length > 1 ? frame.x(bars[1]) - frame.x(bars[0]) : frame.width;
  const each = Math.max(1, 2 ** Math.ceil(Math.log2(LEAST_BAR / Math.max(width, 1))));
  bars.forEach((at, index) => {
    const x = Math.round(frame.x(at)) + 0.5;
    if (x < frame.left || x > frame.width) return;
    stroke(context, colour("--line"), 1, [x, frame.top], [x, frame.height]);
    if (index % each === 0) write(context, String(index + 1), x + 3, LANE - 6, colour("--quiet"));
  });
}

/**
 * Draw a slur over each phrase.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Note[]} notes
 * @param {number[]} phrases Indices of their first notes.
 */
export function drawPhrases(context, frame, notes, phrases) {
  context.strokeStyle = colour("--quiet");
  context.lineWidth = 1.25;
  phrases.forEach((first, index) => {
    const last = notes[(phrases[index + 1] ?? notes.length) - 1];
    if (!notes[first] || !last) return;
    const [from, to] = [frame.x(notes[first].start) + 2, frame.x(last.start + last.duration) - 2];
    const low = frame.top + 7;
    context.beginPath();
    context.moveTo(from, low);
    context.bezierCurveTo(from + 4, frame.top, to - 4, frame.top, to, low);
    context.stroke();
  });
}

/**
 * Draw the place that is heard.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {number} seconds
 */
export function drawPlayhead(context, frame, seconds) {
  const x = frame.x(seconds);
  if (x < frame.left || x > frame.width) return;
  stroke(context, colour("--accent"), 2, [x, 0], [x, frame.height]);
  context.fillStyle = colour("--accent");
  context.beginPath();
  context.arc(x, 5, 5, 0, 2 * Math.PI);
  context.fill();
}

/**
 * Return how many beats a bar has: a beat of 6/8 is a dotted quarter.
 * @param {string} metre Such as 4/4.
 */
export function beatsInBar(metre) {
  const [count, unit] = metre.split("/").map(Number);
  return unit >= 8 && count % 3 === 0 ? count / 3 : Math.max(1, Math.round(unit <= 4 ? count : (count * 4) / unit));
}

/**
 * Return the seconds of the bar lines among beats.
 * @param {number[]} beats Seconds; the first is a bar line.
 * @param {string} signature Such as `3/4`.
 */
export function barsOf(beats, signature) {
  const each = beatsInBar(signature);
  return beats.filter((_, index) => index % each === 0);
}

/** Draws the waveform, coloured by the energy of its sections, and the chords under it. */

import { colour } from "../roll/canvas.js";
import { withSigns } from "../roll/names.js";
import { sectionAt } from "./places.js";

/** @import { Draw } from "../roll/canvas.js" */
/** @import { Music } from "./music.js" */

const BAR = 3;
const GAP = 1;
const LEAST = 2;
const CHORD_GAP = 6;

/**
 * @param {Music} music
 * @returns {Draw}
 */
export function drawWave(music) {
  return (context, width, height) => {
    const length = music.playback.length.value;
    const bars = Math.floor(width / (BAR + GAP));
    for (let bar = 0; bar < bars; bar++) {
      const section = sectionAt(music.form.value, ((bar + 0.5) / bars) * length);
      const size = Math.max(LEAST, barHeight(music, bar, bars, section?.energy ?? 0.5) * (height - 4));
      context.fillStyle = warmth(section?.energy ?? 0.5);
      context.beginPath();
      context.roundRect(bar * (BAR + GAP), (height - size) / 2, BAR, size, BAR / 2);
      context.fill();
    }
    music.form.value.slice(1).forEach(({ start }) => drawEdge(context, (start / length) * width, height));
  };
}

/**
 * @param {Music} music
 * @returns {Draw}
 */
export function drawChords(music) {
  return (context, width, height) => {
    const length = music.playback.length.value;
    context.font = "600 12px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.fillStyle = colour("--quiet");
    let free = 0;
    for (const { start, symbol } of length ? music.chords.value : []) {
      const [x, text] = [(start / length) * width, withSigns(symbol)];
      const end = x + context.measureText(text).width;
      if (x < free || end > width) continue; // there is no room for all of them on a phone
      context.fillText(text, x, height / 2);
      free = end + CHORD_GAP;
    }
  };
}

/**
 * Return the height of a bar, 0–1; without samples, it tells the energy alone.
 * @param {Music} music
 * @param {number} bar
 * @param {number} bars
 * @param {number} energy
 */
function barHeight(music, bar, bars, energy) {
  const outline = music.outline.value;
  if (!outline) return 0.1 + 0.25 * energy;
  const [from, to] = [bar, bar + 1].map((edge) => Math.floor((edge / bars) * outline.peaks.length));
  const columns = { peaks: outline.peaks.subarray(from, Math.max(to, from + 1)), loudness: outline.loudness.subarray(from, Math.max(to, from + 1)) };
  return (Math.max(...columns.peaks) / outline.highest + Math.max(...columns.loudness) / outline.loudest) / 2;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} height
 */
function drawEdge(context, x, height) {
  context.fillStyle = colour("--edge");
  context.fillRect(Math.round(x) - 1, 0, 1, height);
}

/** @param {number} energy 0–1; most are in the middle. @returns {string} A colour from calm to lively. */
function warmth(energy) {
  const lively = Math.min(1, Math.max(0, (energy - 0.25) / 0.65));
  return `color-mix(in oklch, ${colour("--lively")} ${Math.round(lively * 100)}%, ${colour("--calm")})`;
}

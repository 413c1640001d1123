/** Level meters of the stems, while the mixer is open and the music plays. */

import { decibels } from "./balance.js";

/** @import { Channel } from "./channel.js" */
/** @import { Music } from "./music.js" */

const LOWEST_DB = -48;
const FALL = 0.9;

/**
 * @param {HTMLElement} rows
 * @param {Channel[]} channels
 * @param {Music} music
 * @param {AbortSignal} open
 */
export function runMeters(rows, channels, music, open) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const samples = new Float32Array(1024);
  const levels = channels.map(() => 0);
  const show = () => {
    channels.forEach(({ name }, index) => {
      const meter = music.playback.playing.value ? music.playback.tracks.meter(name) : undefined;
      levels[index] = Math.max(meter ? levelOf(meter, samples) : 0, levels[index] * FALL);
      /** @type {HTMLElement | null} */ (rows.children[index]?.querySelector(".meter"))?.style.setProperty("--level", levels[index].toFixed(3));
    });
  };
  music.playback.time.watch(show, open);
  music.playback.playing.watch((playing) => { if (!playing) { levels.fill(0); show(); } }, open);
}

/**
 * @param {AnalyserNode} meter
 * @param {Float32Array<ArrayBuffer>} samples
 * @returns {number} 0–1.
 */
function levelOf(meter, samples) {
  meter.getFloatTimeDomainData(samples);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), decibels(LOWEST_DB));
  return Math.min(1, 1 - (20 * Math.log10(peak)) / LOWEST_DB);
}

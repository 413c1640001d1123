/** A tune for those who have none at hand: a voice-like sound, made here. */

import { wavOf } from "../base/wav.js";

const RATE = 44_100;
const BEAT_S = 0.5;
const GAP_S = 0.06;
const REST_S = 0.4;
/** MIDI numbers and beats: "Ode to Joy" (Beethoven, 1824). */
const TUNE = [[66, 1], [66, 1], [67, 1], [69, 1], [69, 1], [67, 1], [66, 1], [64, 1], [62, 1], [62, 1], [64, 1], [66, 1], [66, 1.5], [64, 0.5], [64, 2]];
const PARTIALS = [1, 0.42, 0.2, 0.12, 0.06, 0.03];

/** Return the tune as a file; its bytes are always the same. */
export function ownTune() {
  const beats = TUNE.reduce((sum, [, length]) => sum + length, 0);
  const samples = new Float32Array(Math.round((beats * BEAT_S + 2 * REST_S) * RATE));
  let at = REST_S;
  for (const [pitch, length] of TUNE) {
    sing(samples, at, length * BEAT_S - GAP_S, 440 * 2 ** ((pitch - 69) / 12));
    at += length * BEAT_S;
  }
  return { recording: wavOf({ samples, rate: RATE }), name: "our-tune.wav" };
}

/**
 * Add a note with a soft start and end, and some vibrato.
 * @param {Float32Array} samples
 * @param {number} start Seconds.
 * @param {number} length Seconds.
 * @param {number} hertz
 */
function sing(samples, start, length, hertz) {
  const first = Math.round(start * RATE);
  let phase = 0;
  for (let index = 0; index < length * RATE; index++) {
    const now = index / RATE;
    const vibrato = 2 ** ((0.25 * Math.min(1, now / 0.4) * Math.sin(2 * Math.PI * 5.2 * now)) / 12);
    phase += (2 * Math.PI * hertz * vibrato) / RATE;
    const level = 0.3 * Math.min(1, now / 0.06, (length - now) / 0.08);
    PARTIALS.forEach((part, number) => { samples[first + index] += level * part * Math.sin((number + 1) * phase); });
  }
}

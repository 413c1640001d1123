/** The pitch of a voice over time, while it sounds or afterwards. */

import { Decimator } from "./decimator.js";
import { PeriodFinder } from "./mcleod.js";

/** @import { PitchPoint } from "../roll/notes.js" */

const RATE = 12_000; // about so many samples in each second are enough for voices and whistles
const WINDOW_S = 0.048;
const STEP_S = 0.016;
const LOWEST_HZ = 65;
const HIGHEST_HZ = 2200;
const CLEAR = 0.6;
const AUDIBLE = 10 ** (-55 / 20); // of full scale, as a root mean square
const AROUND = 3; // points on each side that a point is the median of
const AT_ONCE_S = 2;

/** Follows the pitch of one voice. Points come `AROUND` steps late: each is the median of its neighbours. */
export class PitchTracker {
  #decimator;
  #finder;
  #window;
  #step;
  #filled = 0;
  #taken = 0;
  #rate;
  #delay;
  /** @type {PitchPoint[]} */
  #raw = [];

  /** @param {number} rate Samples in each second of what will be pushed. */
  constructor(rate) {
    const factor = Math.max(1, Math.round(rate / RATE));
    this.#rate = rate / factor;
    this.#decimator = new Decimator(factor);
    this.#delay = this.#decimator.delay / rate;
    this.#window = new Float32Array(Math.round(WINDOW_S * this.#rate));
    this.#step = Math.round(STEP_S * this.#rate);
    this.#finder = new PeriodFinder(this.#rate / HIGHEST_HZ, Math.round(this.#rate / LOWEST_HZ));
  }

  /**
   * Return the points that follow from some more samples; their times count from the first sample.
   * @param {Float32Array} samples
   * @returns {PitchPoint[]}
   */
  push(samples) {
    /** @type {PitchPoint[]} */
    const points = [];
    for (const sample of this.#decimator.push(samples)) {
      this.#window[this.#filled++] = sample;
      if (this.#filled === this.#window.length) points.push(...this.#next());
    }
    return points;
  }

  /** Take a whole window, and move it by a step. */
  #next() {
    const centre = this.#taken + (this.#window.length - 1) / 2;
    this.#raw.push({ at: this.#delay + centre / this.#rate, pitch: this.#pitch() });
    this.#window.copyWithin(0, this.#step);
    this.#filled -= this.#step;
    this.#taken += this.#step;
    if (this.#raw.length <= 2 * AROUND) return [];
    const point = { at: this.#raw[AROUND].at, pitch: medianOf(this.#raw) };
    this.#raw.shift();
    return [point];
  }

  /** @returns {number | null} MIDI number. */
  #pitch() {
    if (rootMeanSquare(this.#window) < AUDIBLE) return null;
    const { period, clarity } = this.#finder.find(this.#window);
    return clarity < CLEAR ? null : 69 + 12 * Math.log2(this.#rate / period / 440);
  }
}

/**
 * Return the points of a whole recording; the page stays responsive meanwhile.
 * @param {Float32Array} samples
 * @param {number} rate
 * @param {AbortSignal} alive
 */
export async function pitchOf(samples, rate, alive) {
  const tracker = new PitchTracker(rate);
  /** @type {PitchPoint[]} */
  const points = [];
  for (let first = 0; first < samples.length && !alive.aborted; first += AT_ONCE_S * rate) {
    points.push(...tracker.push(samples.subarray(first, first + AT_ONCE_S * rate)));
    await new Promise((wake) => setTimeout(wake));
  }
  return points;
}

/** @param {Float32Array} samples */
export function rootMeanSquare(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

/**
 * Return the median of the pitches, or null where most points have none.
 * @param {PitchPoint[]} points
 */
function medianOf(points) {
  const pitches = points.flatMap(({ pitch }) => (pitch === null ? [] : [pitch])).sort((a, b) => a - b);
  return pitches.length * 2 > points.length ? pitches[pitches.length >> 1] : null;
}

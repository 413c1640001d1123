/** Where seconds and pitches lie in a drawing of notes. */

const SEMITONES_AROUND = 2;
const LEAST_SEMITONES = 12;

/** A drawing's rectangle: seconds from left to right, MIDI numbers from bottom to top; all sizes in CSS pixels. */
export class Frame {
  /**
   * @param {{ width: number, height: number, start: number, end: number, low: number, high: number, left?: number,
   *   top?: number }} sides `start` and `end` in seconds, `low` and `high` in MIDI numbers; `left` and `top` are kept
   *   free: `start` lies at `left`, and `high` at `top`.
   */
  constructor({ width, height, start, end, low, high, left = 0, top = 0 }) {
    this.width = width;
    this.height = height;
    this.left = left;
    this.top = top;
    this.start = start;
    this.end = Math.max(end, start + 0.001);
    this.low = low;
    this.high = high;
  }

  /** Height of a semitone. */
  get semitone() {
    return (this.height - this.top) / (this.high - this.low);
  }

  /** @param {number} seconds */
  x(seconds) {
    return this.left + ((seconds - this.start) / (this.end - this.start)) * (this.width - this.left);
  }

  /** @param {number} pitch MIDI number, with a fraction. @returns {number} The middle of its row. */
  y(pitch) {
    return this.top + (this.high - pitch - 0.5) * this.semitone;
  }

  /** @param {number} x @returns {number} Seconds. */
  seconds(x) {
    return this.start + ((x - this.left) / (this.width - this.left)) * (this.end - this.start);
  }

  /** @param {number} y @returns {number} MIDI number, with a fraction. */
  pitch(y) {
    return this.high - 0.5 - (y - this.top) / this.semitone;
  }
}

/**
 * Return the lowest and the highest row that show some pitches with room around them.
 * @param {number[]} pitches MIDI numbers.
 * @returns {{ low: number, high: number }}
 */
export function rowsFor(pitches) {
  const low = pitches.length ? Math.floor(Math.min(...pitches)) : 60;
  const high = pitches.length ? Math.ceil(Math.max(...pitches)) : 60;
  const more = Math.max(SEMITONES_AROUND, (LEAST_SEMITONES - (high - low)) / 2);
  return { low: Math.floor(low - more), high: Math.ceil(high + more) + 1 };
}

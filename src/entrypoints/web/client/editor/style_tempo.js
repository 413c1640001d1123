/** At which tempo a style plays a hum, as the service decides it (docs/music.md, "Styles"). */

/** @import { Style } from "../api/types.js" */
/** @import { Wishes } from "./wishes.js" */

const MOST_MOVED = 1.25;
const EVEN = ["2/4", "4/4", "2/2", "8/4"]; // their bars can be counted at double or half

/** The tempo is null where the page does not know it. @typedef {{ bpm: number | null, changes: boolean }} Effect */

/**
 * Return the tempo that a style plays a hum at: that of the hum, its double or its half, moved by a quarter at most.
 * @param {number} hummed Beats per minute.
 * @param {Style} style
 * @param {string} metre
 */
export function suitableTempo(hummed, { tempo_range: [slowest, fastest] }, metre) {
  const tries = (EVEN.includes(metre) ? [1, 2, 0.5] : [1]).map((factor) => {
    const counted = hummed * factor;
    const moved = Math.min(Math.max(counted, slowest), fastest);
    return { moved, change: Math.abs(Math.log(moved / counted)) };
  });
  const best = tries.reduce((one, other) => (other.change < one.change - 1e-6 ? other : one));
  return Math.round(best.change <= Math.log(MOST_MOVED) + 1e-9 ? best.moved : hummed);
}

/**
 * Return what the chosen style does to a tempo that nobody chose; a tempo that the moment was made with on purpose stays.
 * @param {Wishes} wishes
 * @returns {Effect}
 */
export function tempoEffect({ style, tempo, metre, held, before, analysis, styles }) {
  const at = (/** @type {string} */ text, /** @type {string} */ counted) => {
    const found = styles.value.find(({ name }) => name === text);
    return found ? suitableTempo(analysis.tempo_bpm, found, counted || analysis.time_signature) : null;
  };
  const none = { bpm: null, changes: false };
  if (style.value === before.style || tempo.value !== before.tempo || held.value.tempo || !styles.value.length) return none;
  const [was, now] = [at(before.style, before.metre), at(style.value, metre.value)];
  if (was !== null && !near(was, before.tempo)) return none; // it was fixed, and stays so
  return now !== null && near(now, before.tempo) ? none : { bpm: now, changes: true };
}

/**
 * Return whether words about the style may turn a key that nobody chose to major or minor.
 * @param {Wishes} wishes
 */
export function keyMayChange({ style, key, held, before, styles }) {
  const plain = (/** @type {string} */ text) => styles.value.some(({ name }) => name === text);
  return style.value !== before.style && key.value === before.key && Boolean(key.value) && !held.value.key && styles.value.length > 0
    && !(plain(style.value) && plain(before.style));
}

/** @param {number} bpm @param {string} tempo */
const near = (bpm, tempo) => Math.abs(bpm - Number(tempo)) <= 1;

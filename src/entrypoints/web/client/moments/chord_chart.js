/** The chords of a piece as musicians write them down for a band: bar by bar, section by section. */

/** @import { PlayedChord, PlayedSection } from "../api/types.js" */

/**
 * @typedef {object} ChartBar
 * @property {number} start Seconds of the music.
 * @property {number} end
 * @property {string[]} chords What begins in it; none where the last chord is held.
 *
 * @typedef {object} ChartSection
 * @property {string} name
 * @property {string} key
 * @property {ChartBar[]} bars
 */

const EARLY = 0.05; // seconds by which a chord may begin before its bar, as times are rounded and played by people

/**
 * Return the chart of a piece; empty where its chords have no times.
 * @param {PlayedSection[]} form
 * @param {PlayedChord[]} harmony
 * @returns {ChartSection[]}
 */
export function chartOf(form, harmony) {
  if (!harmony.length) return [];
  return form.map(({ name, key, start, end, bars }) => {
    const length = (end - start) / bars;
    const cells = Array.from({ length: bars }, (_, index) => barAt(start + index * length, start + (index + 1) * length, harmony));
    return { name, key, bars: cells };
  });
}

/**
 * @param {number} start
 * @param {number} end
 * @param {PlayedChord[]} harmony
 * @returns {ChartBar}
 */
function barAt(start, end, harmony) {
  const begins = harmony.filter((chord) => chord.start >= start - EARLY && chord.start < end - EARLY);
  return { start, end, chords: begins.map(({ symbol }) => symbol) };
}

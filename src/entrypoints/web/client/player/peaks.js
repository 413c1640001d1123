/** The outline of a sound, computed in short slices, so that the page stays quick. */

const SLICE_MS = 8;
const FRAMES_AT_ONCE = 16_384;

/**
 * The outline of a sound from its start to its end: how far it swings and how loud it is, and the most of each.
 * @typedef {{ peaks: Float32Array, loudness: Float32Array, highest: number, loudest: number }} Outline
 */

/**
 * @param {AudioBuffer} sound
 * @param {number} count Of columns.
 * @param {AbortSignal} alive
 * @returns {Promise<Outline>}
 */
export async function outlineOf(sound, count, alive) {
  const sides = Array.from({ length: sound.numberOfChannels }, (_, side) => sound.getChannelData(side));
  const outline = { peaks: new Float32Array(count), loudness: new Float32Array(count) };
  let until = performance.now() + SLICE_MS;
  for (let column = 0; column < count && !alive.aborted; column++) {
    const [from, to] = [column, column + 1].map((edge) => Math.floor((edge / count) * sound.length));
    for (let at = from; at < to; at += FRAMES_AT_ONCE) {
      look(sides, at, Math.min(to, at + FRAMES_AT_ONCE), outline, column);
      if (performance.now() > until) {
        await new Promise((next) => { setTimeout(next); });
        until = performance.now() + SLICE_MS;
      }
    }
    outline.loudness[column] = Math.sqrt(outline.loudness[column] / Math.max(1, (to - from) * sides.length));
  }
  return withMost(outline);
}

/**
 * Add samples to a column: the highest, and the sum of squares.
 * @param {Float32Array[]} sides
 * @param {number} from
 * @param {number} to
 * @param {{ peaks: Float32Array, loudness: Float32Array }} outline
 * @param {number} column
 */
function look(sides, from, to, { peaks, loudness }, column) {
  let [highest, squares] = [peaks[column], 0];
  for (const side of sides) {
    for (let at = from; at < to; at++) {
      const sample = side[at];
      squares += sample * sample;
      if (sample > highest) highest = sample;
      else if (-sample > highest) highest = -sample;
    }
  }
  peaks[column] = highest;
  loudness[column] += squares;
}

/**
 * Return the outline of sounds that are heard together, roughly.
 * @param {Outline[]} outlines Of the same number of columns.
 * @returns {Outline}
 */
export function together(outlines) {
  const sum = (/** @type {"peaks" | "loudness"} */ which) =>
    outlines[0][which].map((_, column) => Math.hypot(...outlines.map((outline) => outline[which][column])));
  return withMost({ peaks: sum("peaks"), loudness: sum("loudness") });
}

/** @param {{ peaks: Float32Array, loudness: Float32Array }} outline @returns {Outline} */
function withMost(outline) {
  const most = (/** @type {Float32Array} */ values) => values.reduce((highest, value) => Math.max(highest, value), 0.01);
  return { ...outline, highest: most(outline.peaks), loudest: most(outline.loudness) };
}

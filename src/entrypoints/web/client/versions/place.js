/** Where in one version of a hum another one is: the same place in the same section, however fast each goes. */

/** @import { PlayedSection } from "../api/types.js" */
/** @typedef {{ form: PlayedSection[], length: number }} Piece Its length is in seconds. */

/**
 * Return the place in another piece that is the same in the music.
 * @param {number} seconds
 * @param {Piece} from
 * @param {Piece} to
 */
export function placeIn(seconds, from, to) {
  const index = from.form.findIndex(({ start, end }) => seconds >= start && seconds < end);
  if (index < 0 || !sameForm(from.form, to.form)) return from.length ? (seconds / from.length) * to.length : seconds;
  const [here, there] = [from.form[index], to.form[index]];
  return there.start + ((seconds - here.start) / (here.end - here.start)) * (there.end - there.start);
}

/**
 * @param {PlayedSection[]} one
 * @param {PlayedSection[]} other
 */
function sameForm(one, other) {
  return one.length === other.length && one.every(({ name }, index) => name === other[index].name);
}

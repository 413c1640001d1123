/** A style by chance, for those who do not want to choose. */

/** @import { Style } from "../api/types.js" */

/**
 * Return the name of a style by chance: one that suits the tempo of a hum, where one does; "" where there are none.
 * @param {Style[]} styles
 * @param {{ tempo?: number | null, except?: string }} [wishes] Beats per minute, and the style that it shall not be.
 */
export function surprise(styles, { tempo = null, except = "" } = {}) {
  const others = styles.filter(({ name }) => name !== except);
  const suiting = others.filter((style) => tempo !== null && suits(style, tempo));
  const from = suiting.length > 1 ? suiting : others;
  return from[Math.floor(Math.random() * from.length)]?.name ?? "";
}

/**
 * Return whether a tune of a tempo can be played in a style as it was hummed, or counted at double or half of that.
 * @param {Style} style
 * @param {number} tempo
 */
function suits({ tempo_range: [slowest, fastest] }, tempo) {
  return [tempo, tempo * 2, tempo / 2].some((counted) => counted >= slowest && counted <= fastest);
}

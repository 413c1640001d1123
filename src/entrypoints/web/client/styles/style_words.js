/** What a person's own words say about the style, read as the service reads them (docs/music.md, "Styles"). */

/** @import { Style } from "../api/types.js" */

const WORD = /[\p{L}\p{N}]+/gu;

/** Characters of a style at most. */
export const MOST_LETTERS = 120;

/**
 * Return the name of the style that a text names, or "".
 * @param {string} text
 * @param {Style[]} styles
 */
export function namedIn(text, styles) {
  return firstOf(restsOf(text), (rest) => styles.find(({ name }) => rest.startsWith(name)))?.name ?? "";
}

/**
 * Return the name of the style that a text means, or "": a style's own name wins over the words for one.
 * @param {string} text
 * @param {Style[]} styles
 */
export function meantIn(text, styles) {
  const meant = firstOf(restsOf(text), (rest) => styles.find(({ words }) => words.some((word) => rest.startsWith(word))));
  return namedIn(text, styles) || (meant?.name ?? "");
}

/**
 * Return the text for a style: words that name one stand alone, others describe the one that was chosen.
 * @param {string} words
 * @param {string} name
 * @param {Style[]} styles
 */
export function styleText(words, name, styles) {
  const said = words.trim();
  if (!said || !name || namedIn(said, styles)) return said || name;
  return [...`${said} ${name}`].slice(-MOST_LETTERS).join("").trim(); // whole letters: half of a pair cannot be sent
}

/**
 * Return the style and the words of a text that `styleText` made, or that somebody else wrote.
 * @param {string} text
 * @param {Style[]} styles
 * @returns {{ name: string, words: string }}
 */
export function readStyle(text, styles) {
  const name = meantIn(text, styles);
  const words = text === name ? "" : name && text.endsWith(` ${name}`) ? text.slice(0, -name.length).trim() : text;
  return { name, words };
}

/**
 * Return a text from each of its words on, without what is between them: "lo-fi" and "hip hop" are one word.
 * @param {string} text
 */
function restsOf(text) {
  const words = text.toLowerCase().match(WORD) ?? [];
  return words.map((_, index) => words.slice(index).join(""));
}

/**
 * @param {string[]} texts
 * @param {(text: string) => Style | undefined} find
 */
function firstOf(texts, find) {
  for (const text of texts) {
    const found = find(text);
    if (found) return found;
  }
  return undefined;
}

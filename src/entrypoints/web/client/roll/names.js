/** Names of pitches, keys and chords, as musicians write them. */

import { t } from "../base/text.js";

const SHARPS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const FLATS = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"];
const FLAT_KEYS = ["F", "Bb", "Eb", "Ab", "Db", "Gb", "Cb", "Dm", "Gm", "Cm", "Fm", "Bbm", "Ebm", "Abm"];
const RAISED = [4, 6, 11]; // above the tonic of a minor key: leading notes to its fourth, its fifth and itself
const NATURALS = new Map([["C", 0], ["D", 2], ["E", 4], ["F", 5], ["G", 7], ["A", 9], ["B", 11]]);

/**
 * Return the name of a pitch, such as F♯4.
 * @param {number} pitch MIDI number.
 * @param {string} [key] Spells it, such as `Bbm`; without one, with sharps.
 */
export function pitchName(pitch, key = "") {
  const whole = Math.round(pitch);
  const step = ((whole % 12) + 12) % 12;
  const raised = key.endsWith("m") && RAISED.includes((step - tonicOf(key) + 12) % 12);
  const names = FLAT_KEYS.includes(key) && !raised ? FLATS : SHARPS;
  return `${names[step]}${Math.floor(whole / 12) - 1}`;
}

/**
 * Return the name of a key, such as "F♯ minor".
 * @param {string} key As in a blueprint: `F#m`.
 */
export function keyInWords(key) {
  const minor = key.endsWith("m");
  return t(minor ? "heard.minor" : "heard.major", { tonic: withSigns(minor ? key.slice(0, -1) : key) });
}

/**
 * Return a key or the symbol of a chord with the signs of printed music: B♭m7♭5 for Bbm7b5.
 * @param {string} symbol
 */
export function withSigns(symbol) {
  return symbol.replaceAll("#", "♯").replace(/([A-G])b/g, "$1♭").replace(/b(?=\d)/g, "♭");
}

/** @param {string} key */
function tonicOf(key) {
  const sign = key[1] === "#" ? 1 : key[1] === "b" ? -1 : 0;
  return ((NATURALS.get(key[0]) ?? 0) + sign + 12) % 12;
}

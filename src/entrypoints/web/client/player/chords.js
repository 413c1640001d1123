/** The chords of the music and when each begins, from its lead sheet (MusicXML 4.0). */

import { fetchSound } from "./fetch_sound.js";

/** @import { PlayedSection } from "../api/types.js" */
/** @import { Moment } from "../moments/moment.js" */

/** @typedef {{ start: number, symbol: string }} TimedChord In seconds of the music. */

const SIGNS = new Map([["-2", "♭♭"], ["-1", "♭"], ["1", "♯"], ["2", "♯♯"]]);

/**
 * Return the chords of a moment, none where they cannot be read.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 * @returns {Promise<TimedChord[]>}
 */
export async function chordsOf(moment, alive) {
  const form = moment.status.value?.form ?? [];
  if (!form.length || !moment.artifacts.value.has("lead_sheet")) return [];
  const text = new TextDecoder().decode(await fetchSound(moment, "lead_sheet", () => {}, alive));
  return chordsIn(text, form);
}

/**
 * Return the chords of a lead sheet, equal neighbours as one.
 * @param {string} musicxml
 * @param {PlayedSection[]} form
 * @returns {TimedChord[]}
 */
export function chordsIn(musicxml, form) {
  const sheet = new DOMParser().parseFromString(musicxml, "text/xml");
  const bars = barsOf(form);
  const whole = unitsOf(sheet);
  const found = [...sheet.querySelectorAll("part:first-of-type > measure")].flatMap((measure, index) =>
    [...measure.querySelectorAll("harmony")].map((harmony) => chordAt(harmony, bars, index, whole)));
  return found.filter(({ start, symbol }, index) => Number.isFinite(start) && symbol !== found[index - 1]?.symbol);
}

/**
 * @param {Element} harmony
 * @param {number[]} bars Seconds.
 * @param {number} index Of its bar.
 * @param {number} whole Units of time in a bar.
 * @returns {TimedChord}
 */
function chordAt(harmony, bars, index, whole) {
  const offset = Number(textOf(harmony, "offset") || 0) / whole;
  const start = bars[index] + offset * (bars[index + 1] - bars[index]);
  const kind = harmony.querySelector("kind")?.getAttribute("text") ?? "";
  const bass = pitchOf(harmony, "bass");
  return { start, symbol: pitchOf(harmony, "root") + kind + (bass && `/${bass}`) };
}

/**
 * Return where the bars begin, and where the last one ends.
 * @param {PlayedSection[]} form
 */
function barsOf(form) {
  const starts = form.flatMap(({ start, end, bars }) => Array.from({ length: bars }, (_, bar) => start + ((end - start) * bar) / bars));
  return [...starts, form[form.length - 1].end];
}

/** @param {Document} sheet */
function unitsOf(sheet) {
  const [divisions, beats, unit] = ["divisions", "beats", "beat-type"].map((name) => Number(textOf(sheet, name)));
  return (divisions * 4 * beats) / unit || 1;
}

/**
 * @param {Element} harmony
 * @param {"root" | "bass"} which
 */
function pitchOf(harmony, which) {
  return textOf(harmony, `${which}-step`) + (SIGNS.get(textOf(harmony, `${which}-alter`)) ?? "");
}

/**
 * @param {ParentNode} parent
 * @param {string} name
 */
function textOf(parent, name) {
  return parent.querySelector(name)?.textContent?.trim() ?? "";
}

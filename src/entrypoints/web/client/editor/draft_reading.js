/** Reading a draft that this browser has kept: somebody else, or an older page, may have written it. */

import { HIGHEST, LONGEST, LOWEST, MOST_NOTES, SHORTEST } from "./note_edits.js";
import { MOST_LETTERS } from "../styles/style_words.js";

/** @import { Note } from "../roll/notes.js" */
/** @import { Values } from "./wishes.js" */

const ROUNDING = 0.001; // seconds

/**
 * Return a draft, or null if anything in it is not as it must be.
 * @param {any} found
 * @param {number} sections How many the moment has.
 * @returns {Values | null}
 */
export function readDraft(found, sections) {
  if (typeof found !== "object" || found === null) return null;
  const { notes, style, key, tempo, metre, energies, kind, held } = found;
  const good = isTune(notes) && typeof style === "string" && style.length <= MOST_LETTERS && matches(key, /^([A-G][#b]?m?)?$/)
    && matches(tempo, /^\d{0,3}$/) && matches(metre, /^(\d{1,2}\/\d{1,2})?$/) && (kind === "preview" || kind === "song")
    && Array.isArray(energies) && energies.length === sections && energies.every((energy) => isWithin(energy, 0, 1));
  return good ? { notes, style, key, tempo, metre, energies, kind, held: { tempo: held?.tempo === true, key: held?.key === true } } : null;
}

/**
 * @param {unknown} notes
 * @returns {notes is Note[]}
 */
function isTune(notes) {
  if (!Array.isArray(notes) || !notes.length || notes.length > MOST_NOTES) return false;
  let end = 0;
  return notes.every((note) => {
    const { start, duration, pitch } = note ?? {};
    const fits = isWithin(start, end - ROUNDING, LONGEST) && isWithin(duration, SHORTEST - ROUNDING, LONGEST)
      && Number.isInteger(pitch) && isWithin(pitch, LOWEST, HIGHEST);
    end = start + duration;
    return fits;
  });
}

/** @param {unknown} value @param {number} least @param {number} most */
const isWithin = (value, least, most) => typeof value === "number" && value >= least && value <= most;

/** @param {unknown} value @param {RegExp} form */
const matches = (value, form) => typeof value === "string" && form.test(value);

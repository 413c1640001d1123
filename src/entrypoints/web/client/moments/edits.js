/** Which notes of a moment somebody edited, and what was heard there. */

import { readStatus } from "../api/client.js";
import { editableNotes } from "../editor/note_edits.js";
import { nameOf, notesOf } from "../roll/written.js";

/** @import { Analysis, Status } from "../api/types.js" */
/** @import { Note } from "../roll/notes.js" */

/**
 * @typedef {object} Edits
 * @property {ReadonlyMap<number, number | null>} changed By the index of a note that was edited: the MIDI number that was
 *   heard there, or null where nothing was.
 * @property {Note[]} before What was heard, and is not there any more as it was.
 * @property {number} removed How many of these have no note in their place.
 * @property {string} origin Id of the moment as which it was heard.
 */

const DEEPEST = 16; // remixes of remixes, each of which is asked for

/**
 * Return whether the notes are not all as they were heard.
 * @param {Analysis} analysis
 */
export function isEdited({ sung_from: stretches }) {
  return Boolean(stretches?.length);
}

/**
 * Return what was edited of a moment; null where what was heard is not there any more.
 * @param {Status} status
 * @param {AbortSignal} alive
 * @returns {Promise<Edits | null>}
 * @throws {import("../api/client.js").Problem}
 */
export async function editsOf(status, alive) {
  const origin = await originOf(status, alive);
  const [now, heard] = [analysisOf(status), origin && analysisOf(origin)];
  return origin && now && heard ? { ...compared(notesOf(now), editableNotes(heard)), origin: origin.id } : null;
}

/**
 * @param {Note[]} notes
 * @param {Note[]} heard
 * @returns {Omit<Edits, "origin">}
 */
function compared(notes, heard) {
  const [now, before] = [notes, heard].map((some) => new Set(some.map(nameOf)));
  const changed = notes.flatMap((note, index) => (before.has(nameOf(note)) ? [] : [/** @type {[number, number | null]} */ ([index, pitchAt(note, heard)])]));
  const gone = heard.filter((note) => !now.has(nameOf(note)));
  return { changed: new Map(changed), before: gone, removed: gone.filter((note) => pitchAt(note, notes) === null).length };
}

/**
 * Return the version whose notes are as they were heard; the service is asked from one parent to the next.
 * @param {Status} status
 * @param {AbortSignal} alive
 */
async function originOf(status, alive) {
  let version = status;
  for (let steps = 0; steps < DEEPEST; steps++) {
    const analysis = analysisOf(version);
    if (analysis && !isEdited(analysis)) return version;
    if (!version.parent_id) return null;
    version = await readStatus(version.parent_id, alive);
  }
  return null;
}

/** @param {Status} status */
const analysisOf = ({ blueprint_json: blueprint }) => blueprint?.metadata?.analysis;

/**
 * Return the pitch that sounds longest while a note does; null where none does.
 * @param {Note} note
 * @param {Note[]} others
 */
function pitchAt({ start, duration }, others) {
  const shared = (/** @type {Note} */ other) => Math.min(start + duration, other.start + other.duration) - Math.max(start, other.start);
  const longest = others.reduce((/** @type {Note | null} */ best, other) => (shared(other) > (best ? shared(best) : 0.001) ? other : best), null);
  return longest && longest.pitch;
}

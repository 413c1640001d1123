/** What can be done with the chosen note, by a button or a key. */

import { hasText, t } from "../base/text.js";
import { added, endOf, joined, moved, removed, repitched, split, withEnd } from "./note_edits.js";

/** @import { Notes } from "./note_edits.js" */
/** @import { Tune } from "./tune.js" */

/** @typedef {"up" | "down" | "earlier" | "later" | "shorter" | "longer" | "split" | "join" | "remove" | "add" | "undo" | "redo"} Command */

/**
 * What a command needs of a tune.
 * @typedef {Pick<Tune, "notes" | "chosen" | "note" | "change" | "undo" | "redo">} Changeable
 */

const STEP = 0.05; // seconds
const OCTAVE = 12;

/**
 * What each does; it returns whether anything changed. `last` is where the tune ends at the latest, in seconds.
 * @type {Record<Command | "octaveUp" | "octaveDown", (tune: Changeable, last: number) => boolean>}
 */
export const COMMANDS = {
  up: (tune) => turned(tune, 1),
  down: (tune) => turned(tune, -1),
  octaveUp: (tune) => turned(tune, OCTAVE),
  octaveDown: (tune) => turned(tune, -OCTAVE),
  earlier: (tune, last) => shifted(tune, -STEP, last),
  later: (tune, last) => shifted(tune, STEP, last),
  shorter: (tune, last) => stretched(tune, -STEP, last),
  longer: (tune, last) => stretched(tune, STEP, last),
  split: (tune) => tune.change(split(tune.notes.value, tune.chosen.value)),
  join: (tune) => tune.change(joined(tune.notes.value, tune.chosen.value)),
  remove: (tune) => tune.change(removed(tune.notes.value, tune.chosen.value)),
  add: (tune, last) => addBeside(tune, last),
  undo: (tune) => tune.undo(),
  redo: (tune) => tune.redo(),
};

/** Those that have a button. @type {Command[]} */
export const BUTTONS = ["up", "down", "earlier", "later", "shorter", "longer", "split", "join", "add", "remove", "undo", "redo"];

/**
 * Return why a command would change nothing, or "".
 * @param {keyof typeof COMMANDS} name
 * @param {Tune} tune
 * @param {number} last
 */
export function whyNot(name, tune, last) {
  const { notes, chosen, note } = tune;
  const change = (/** @type {Notes} */ after) => after !== notes.value;
  const possible = COMMANDS[name]({ notes, chosen, note, change, undo: () => true, redo: () => true }, last);
  if (possible) return "";
  const reason = `edit.why.${name}`;
  const atTheEnd = (name === "longer" || name === "later") && chosen.value === notes.value.length - 1;
  return hasText(reason) && !atTheEnd ? t(reason) : t("edit.no_room");
}

/** @param {Changeable} tune @param {number} semitones */
function turned(tune, semitones) {
  return tune.change(repitched(tune.notes.value, tune.chosen.value, tune.note.pitch + semitones));
}

/** @param {Changeable} tune @param {number} seconds @param {number} last */
function shifted(tune, seconds, last) {
  return tune.change(moved(tune.notes.value, tune.chosen.value, tune.note.start + seconds, last));
}

/** @param {Changeable} tune @param {number} seconds @param {number} last */
function stretched(tune, seconds, last) {
  return tune.change(withEnd(tune.notes.value, tune.chosen.value, endOf(tune.note) + seconds, last));
}

/**
 * Add a note after the chosen one, as long as that; where there is no room, the second half of it becomes one.
 * @param {Changeable} tune
 * @param {number} last
 */
function addBeside(tune, last) {
  const { start, duration, pitch } = tune.note;
  const after = added(tune.notes.value, { start: endOf(tune.note), duration, pitch }, last);
  const { notes, index } = after.index < 0 ? added(tune.notes.value, { start: start + duration / 2, duration, pitch }, last) : after;
  return tune.change(notes, index);
}

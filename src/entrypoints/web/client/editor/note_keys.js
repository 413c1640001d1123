/** The keys of the note editor: arrows choose a note, with Shift they change it. */

/** @import { COMMANDS } from "./commands.js" */
/** @import { Tune } from "./tune.js" */
/** @typedef {keyof typeof COMMANDS} Name */

/** @type {Record<string, Name>} */
const EDITS = {
  "Shift+ArrowUp": "up", "Shift+ArrowDown": "down", "Shift+PageUp": "octaveUp", "Shift+PageDown": "octaveDown",
  "Shift+ArrowLeft": "earlier", "Shift+ArrowRight": "later", ",": "shorter", ".": "longer",
  s: "split", j: "join", a: "add", Insert: "add", Delete: "remove", Backspace: "remove",
};

/** @type {Record<string, (chosen: number, last: number) => number>} */
const MOVES = {
  ArrowLeft: (chosen) => chosen - 1, ArrowUp: (chosen) => chosen - 1,
  ArrowRight: (chosen) => chosen + 1, ArrowDown: (chosen) => chosen + 1,
  Home: () => 0, End: (_, last) => last,
};

/**
 * Take the keys that are pressed on the notes.
 * @param {HTMLElement} list
 * @param {{ tune: Tune, run: (name: Name) => void, choose: (index: number) => void, hear: () => void, play: () => void }} acts
 * @param {AbortSignal} alive
 */
export function takeNoteKeys(list, { tune, run, choose, hear, play }, alive) {
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = `${event.shiftKey && event.key.length > 1 ? "Shift+" : ""}${event.key.length > 1 ? event.key : event.key.toLowerCase()}`;
    if (Object.hasOwn(EDITS, name)) run(EDITS[name]);
    else if (Object.hasOwn(MOVES, name)) choose(MOVES[name](tune.chosen.value, tune.notes.value.length - 1));
    else if (name === "Enter") hear();
    else if (name === " ") play();
    else return;
    event.preventDefault();
  }, { signal: alive });
}

/**
 * Take the keys for undo and redo, wherever they are pressed but in a text.
 * @param {HTMLElement} place
 * @param {(name: "undo" | "redo") => void} run
 * @param {AbortSignal} alive
 */
export function takeUndoKeys(place, run, alive) {
  place.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !["z", "y"].includes(key)) return;
    if (event.target instanceof HTMLInputElement && ["text", "number"].includes(event.target.type)) return;
    run(key === "y" || event.shiftKey ? "redo" : "undo");
    event.preventDefault();
  }, { signal: alive });
}

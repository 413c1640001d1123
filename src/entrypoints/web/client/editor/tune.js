/** The tune that is edited: its notes, which one is chosen, and what can be undone. */

import { Signal } from "../base/signal.js";

/** @import { Notes } from "./note_edits.js" */
/** @typedef {{ notes: Notes, chosen: number }} State */

const MOST_STEPS = 500;

export class Tune {
  /** @type {Signal<Notes>} */
  notes;
  /** Index of the chosen note. @type {Signal<number>} */
  chosen = new Signal(0);
  /** @type {Signal<{ undo: boolean, redo: boolean }>} */
  can = new Signal(/** @type {{ undo: boolean, redo: boolean }} */ ({ undo: false, redo: false }));
  /** @type {State[]} */ #past = [];
  /** @type {State[]} */ #future = [];
  /** @type {State | null} */ #before = null;

  /** @param {Notes} notes */
  constructor(notes) {
    this.notes = new Signal(notes);
  }

  get note() {
    return this.notes.value[this.chosen.value];
  }

  /**
   * Make a change that can be undone; return whether there was any. While a note is dragged, nothing else is changed.
   * @param {Notes} notes
   * @param {number} [chosen]
   */
  change(notes, chosen = this.chosen.value) {
    if (notes === this.notes.value || this.#before) return false;
    this.#remember(this.#now());
    this.#show({ notes, chosen });
    return true;
  }

  /**
   * Show notes while one of them is dragged.
   * @param {Notes} notes
   */
  drag(notes) {
    this.#before ??= this.#now();
    this.notes.value = notes;
  }

  /** End dragging: all of it is one change. */
  drop() {
    if (this.#before && this.#before.notes !== this.notes.value) this.#remember(this.#before);
    this.#before = null;
  }

  /** End dragging, and undo it. */
  takeBack() {
    if (this.#before) this.#show(this.#before);
    this.#before = null;
  }

  undo() {
    return this.#step(this.#past, this.#future);
  }

  redo() {
    return this.#step(this.#future, this.#past);
  }

  /**
   * @param {State[]} from
   * @param {State[]} to
   */
  #step(from, to) {
    const state = this.#before ? undefined : from.pop();
    if (!state) return false;
    to.push(this.#now());
    this.#show(state);
    this.#tell();
    return true;
  }

  /** @returns {State} */
  #now() {
    return { notes: this.notes.value, chosen: this.chosen.value };
  }

  /** @param {State} state */
  #remember(state) {
    this.#past = [...this.#past, state].slice(-MOST_STEPS);
    this.#future = [];
    this.#tell();
  }

  /** @param {State} state */
  #show({ notes, chosen }) {
    this.notes.value = notes;
    this.chosen.value = Math.min(Math.max(chosen, 0), notes.length - 1);
  }

  #tell() {
    this.can.value = { undo: this.#past.length > 0, redo: this.#future.length > 0 };
  }
}

/** What a new version is to be like; what differs from the moment is what a remix is asked for. */

import { Signal } from "../base/signal.js";
import { changedNotes } from "../roll/written.js";
import { editableNotes } from "./note_edits.js";
import { Tune } from "./tune.js";

/** @import { Analysis, Section, Status, Style } from "../api/types.js" */
/** @import { Notes } from "./note_edits.js" */
/** @typedef {"preview" | "song"} Kind */
/** What somebody chose to stay as it is, whatever the style. @typedef {{ tempo: boolean, key: boolean }} Held */
/** @typedef {{ notes: Notes, style: string, key: string, tempo: string, metre: string, energies: number[], kind: Kind, held?: Held }} Values */

/** Stands for what the service shall decide. */
export const OPEN = "";

const FREE = Object.freeze({ tempo: false, key: false });
const USUAL_ENERGY = 0.5; // of a section, as the blueprint's schema says

export class Wishes {
  /** @param {Status} status Of a moment whose hum was heard. */
  constructor(status) {
    const { style = "", key = OPEN, tempo_bpm: tempo = 0, time_signature: metre = OPEN, sections: given = [], metadata } = status.blueprint_json ?? {};
    const sections = given.map((section) => ({ ...section, energy: section.energy ?? USUAL_ENERGY }));
    const analysis = /** @type {Analysis} */ (metadata?.analysis);
    this.before = { notes: editableNotes(analysis), style, key, tempo: String(tempo), metre, sections, kind: status.output_kind };
    this.analysis = analysis;
    this.tune = new Tune(this.before.notes);
    this.style = new Signal(style);
    this.key = new Signal(key);
    this.tempo = new Signal(String(tempo));
    this.metre = new Signal(metre);
    /** @type {Signal<Held>} */
    this.held = new Signal(/** @type {Held} */ (FREE));
    /** Those that there are, once they are loaded. @type {Signal<Style[]>} */
    this.styles = new Signal(/** @type {Style[]} */ ([]));
    /** @type {Signal<number[]>} */
    this.energies = new Signal(sections.map(({ energy }) => energy));
    /** @type {Signal<Kind>} */
    this.kind = new Signal(/** @type {Kind} */ (status.output_kind));
  }

  /** Wish for nothing else than what is there. */
  reset() {
    this.set({ ...this.before, energies: this.before.sections.map(({ energy }) => energy) });
  }

  /** Keep tempo or key as it is, whatever the style would have. @param {keyof Held} what */
  hold(what) {
    this.held.value = { ...this.held.value, [what]: true };
  }

  /** All wishes as they are now. @returns {Values} */
  get values() {
    const { tune, style, key, tempo, metre, energies, kind, held } = this;
    return { notes: tune.notes.value, style: style.value, key: key.value, tempo: tempo.value, metre: metre.value, energies: energies.value, kind: kind.value, held: held.value };
  }

  /** @param {Values} values */
  set({ notes, style, key, tempo, metre, energies, kind, held = FREE }) {
    if (JSON.stringify(notes) !== JSON.stringify(this.tune.notes.value)) this.tune.change(notes); // else there is nothing to undo
    [this.style.value, this.key.value, this.tempo.value, this.metre.value, this.kind.value] = [style, key, tempo, metre, kind];
    this.energies.value = energies;
    this.held.value = held;
  }

  /**
   * Call a function when any of the wishes changes, and now.
   * @param {() => void} changed
   * @param {AbortSignal} alive
   */
  watch(changed, alive) {
    const all = [this.tune.notes, this.style, this.key, this.tempo, this.metre, this.energies, this.kind, this.held, this.styles];
    for (const signal of all) /** @type {Signal<unknown>} */ (signal).watch(changed, alive);
  }

  /** Whether anything is wished for that is not there. */
  get differ() {
    return Object.keys(this.changes()).length > 0;
  }

  get notesDiffer() {
    return this.changedNotes > 0;
  }

  /** Whether tempo and key are asked for: they are others, or shall stay though the style is another. */
  get asked() {
    return {
      tempo: this.tempo.value !== this.before.tempo || this.#holds("tempo"),
      key: this.key.value !== this.before.key || this.#holds("key"),
    };
  }

  /** How many notes are not there as they were, or not any more. */
  get changedNotes() {
    return changedNotes(this.tune.notes.value, this.before.notes);
  }

  get energiesDiffer() {
    return this.energies.value.some((energy, index) => energy !== this.before.sections[index].energy);
  }

  /** The body of a request for a remix: what differs alone. @returns {Record<string, unknown>} */
  changes() {
    const blueprint = this.#blueprint();
    return {
      ...(this.style.value === this.before.style ? {} : { style: this.style.value }),
      ...(this.kind.value === this.before.kind ? {} : { output_kind: this.kind.value }),
      ...(this.notesDiffer ? { notes: this.tune.notes.value } : {}),
      ...(Object.keys(blueprint).length ? { blueprint } : {}),
    };
  }

  #blueprint() {
    /** @type {Record<string, unknown>} A merge patch: null lets the service decide. */
    const change = {};
    if (this.asked.key) change.key = this.key.value || null;
    if (this.asked.tempo) change.tempo_bpm = Number(this.tempo.value) || null;
    if (this.metre.value !== this.before.metre) change.time_signature = this.metre.value || null;
    if (this.kind.value !== this.before.kind) change.sections = null; // those of a preview are too few for a song
    else if (this.energiesDiffer) change.sections = this.#sections();
    return change;
  }

  /** Whether something that stays has to be asked for, because the style is another. @param {keyof Held} what */
  #holds(what) {
    return this.held.value[what] && this.style.value !== this.before.style;
  }

  /** @returns {Section[]} */
  #sections() {
    return this.before.sections.map((section, index) => ({ ...section, energy: this.energies.value[index] }));
  }
}

/** The notes of a tune as a list that can be walked through with the keyboard, drawn as bars. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { pitchName } from "../roll/names.js";
import { noteLabel } from "./bars.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Frame } from "../roll/frame.js" */
/** @import { Note } from "../roll/notes.js" */
/** @import { Tune } from "./tune.js" */

export class NoteList {
  element = h("div", { class: "edit-notes", role: "listbox", "aria-label": t("edit.notes"), "aria-orientation": "horizontal" });
  #tune;
  #analysis;
  /** @type {HTMLElement[]} */ #bars = [];
  /** @type {Note[]} */ #drawn = [];
  /** @type {Frame | null} */ #frame = null;
  /** @type {HTMLElement | undefined} */ #marked;

  /**
   * @param {Tune} tune
   * @param {Analysis} analysis
   */
  constructor(tune, analysis) {
    this.#tune = tune;
    this.#analysis = analysis;
  }

  /** Draw all notes. @param {Frame} frame */
  drawIn(frame) {
    this.#frame = frame;
    this.#drawn = [];
    this.draw();
  }

  /** Draw those that have changed. */
  draw() {
    const notes = this.#tune.notes.value;
    const counted = notes.length !== this.#bars.length;
    while (this.#bars.length > notes.length) this.#bars.pop()?.remove();
    while (this.#bars.length < notes.length) this.#bars.push(newBar(this.element));
    notes.forEach((note, index) => {
      if (this.#drawn[index] !== note) this.#place(this.#bars[index], note);
      if (counted || this.#drawn[index] !== note) this.#bars[index].setAttribute("aria-label", noteLabel(notes, index, this.#analysis));
    });
    this.#drawn = [...notes];
    this.mark();
  }

  /** Mark the chosen note. */
  mark() {
    const chosen = this.#bars[this.#tune.chosen.value];
    if (chosen === this.#marked) return; // while a note is dragged, nothing is done for each of the others
    if (this.#marked) select(this.#marked, false);
    if (chosen) select(chosen, true);
    this.#marked = chosen;
  }

  /** Put the focus on the chosen note. */
  focus() {
    const bar = this.#bars[this.#tune.chosen.value];
    bar?.focus({ preventScroll: true });
    bar?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /**
   * @param {HTMLElement} bar
   * @param {Note} note
   */
  #place(bar, { start, duration, pitch }) {
    const frame = this.#frame;
    if (!frame) return;
    const place = { left: frame.x(start) / frame.width, width: (frame.x(start + duration) - frame.x(start)) / frame.width,
      top: (frame.y(pitch) - frame.semitone / 2) / frame.height, height: frame.semitone / frame.height };
    for (const [side, share] of Object.entries(place)) bar.style.setProperty(side, `${share * 100}%`);
    if (bar.firstChild) bar.firstChild.textContent = pitchName(pitch, this.#analysis.key);
  }
}

/** @param {HTMLElement} list */
function newBar(list) {
  const bar = h("div", { class: "edit-note", role: "option" }, h("span", { "aria-hidden": "true" }));
  select(bar, false);
  list.append(bar);
  return bar;
}

/**
 * @param {HTMLElement} bar
 * @param {boolean} chosen
 */
function select(bar, chosen) {
  bar.setAttribute("aria-selected", String(chosen));
  bar.tabIndex = chosen ? 0 : -1;
}

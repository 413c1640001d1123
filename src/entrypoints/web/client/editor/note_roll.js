/** The piano roll of the editor: notes over the hum's pitch and beats, wide enough for fingers, scrolled sideways. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { Frame, rowsFor } from "../roll/frame.js";
import { dragNotes } from "./note_drag.js";
import { NoteList } from "./note_list.js";
import { rollGround, rowNames } from "./roll_ground.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Signal } from "../base/signal.js" */
/** @import { PitchPoint } from "../roll/notes.js" */
/** @import { Ground } from "./note_drag.js" */
/** @import { Notes } from "./note_edits.js" */
/** @import { Tune } from "./tune.js" */

const AROUND = 2; // semitones above and below, so that notes can be dragged there
const EASY = 70; // CSS pixels in a second: most notes are as wide as a finger
const [LEAST, MOST] = [20, 400];
const ZOOM = 1.5;

export class NoteRoll {
  element = h("div", { class: "edit-roll" });
  #scroller = h("div", { class: "edit-scroller" });
  #sheet = h("div", { class: "edit-sheet" });
  #playhead = h("div", { class: "edit-playhead", "aria-hidden": "true" });
  #names = h("div");
  #ground = /** @type {Element} */ (h("div"));
  #rows = { low: 0, high: 0 };
  #density = EASY;
  /** @type {PitchPoint[]} */ #points = [];
  #options;

  /**
   * @param {{ tune: Tune, before: Notes, analysis: Analysis, length: number, time: Signal<number> }} options The length
   *   is in seconds.
   * @param {Omit<Ground, "sheet" | "frame" | "tune" | "last">} acts
   * @param {AbortSignal} alive
   */
  constructor(options, acts, alive) {
    this.#options = options;
    const { tune, length, time, analysis } = options;
    this.list = new NoteList(tune, analysis);
    this.#sheet.append(this.#ground, this.list.element, this.#playhead);
    this.#scroller.append(this.#sheet);
    this.element.append(this.#names, this.#scroller);
    dragNotes({ ...acts, sheet: this.#sheet, frame: () => this.#frameNow(), tune, last: length }, alive);
    tune.notes.watch(() => { if (!this.fit()) this.list.draw(); }, alive);
    tune.chosen.watch(() => this.list.mark(), alive);
    time.watch((seconds) => this.#playhead.style.setProperty("left", `${(seconds / length) * 100}%`), alive);
    this.#begin(alive);
  }

  /** Draw the pitch of the voice. @param {PitchPoint[]} points */
  draw(points) {
    this.#points = points;
    this.#drawRows();
  }

  /** Show more or less at once. @param {1 | -1} way */
  zoom(way) {
    const middle = (this.#scroller.scrollLeft + this.#scroller.clientWidth / 2) / this.#sheet.clientWidth;
    this.#widen(this.#density * ZOOM ** way);
    this.#scroller.scrollLeft = middle * this.#sheet.clientWidth - this.#scroller.clientWidth / 2;
  }

  /** Scroll to where it plays. @param {number} seconds */
  follow(seconds) {
    const x = (seconds / this.#options.length) * this.#sheet.clientWidth;
    const { scrollLeft, clientWidth } = this.#scroller;
    if (x < scrollLeft || x > scrollLeft + clientWidth * 0.9) this.#scroller.scrollLeft = x - clientWidth * 0.1;
  }

  /** Have rows for all notes; return whether there are more than before. */
  fit() {
    const pitches = [...this.#options.tune.notes.value, ...this.#options.before].map(({ pitch }) => pitch);
    const { low, high } = rowsFor([Math.min(...pitches) - AROUND, Math.max(...pitches) + AROUND]);
    if (low >= this.#rows.low && high <= this.#rows.high) return false;
    const has = this.#rows.high > 0;
    this.#rows = has ? { low: Math.min(low, this.#rows.low), high: Math.max(high, this.#rows.high) } : { low, high };
    this.#drawRows();
    return true;
  }

  /** @param {AbortSignal} alive */
  #begin(alive) {
    const sizes = new ResizeObserver(() => this.#widen(this.#density));
    sizes.observe(this.#scroller);
    alive.addEventListener("abort", () => sizes.disconnect(), { once: true });
    this.element.setAttribute("aria-label", t("edit.notes"));
  }

  /** @param {number} density */
  #widen(density) {
    const { length } = this.#options;
    const all = this.#scroller.clientWidth / length;
    if (!all) return;
    this.#density = Math.min(Math.max(density, Math.min(all, LEAST)), MOST);
    this.#sheet.style.setProperty("width", `${Math.max(this.#density * length, this.#scroller.clientWidth)}px`);
  }

  #drawRows() {
    const { length, analysis, before } = this.#options;
    const { low, high } = this.#rows;
    const frame = new Frame({ width: length, height: high - low, start: 0, end: length, low, high });
    const [ground, names] = [rollGround(frame, { analysis, before, points: this.#points }), rowNames(frame)];
    this.#ground.replaceWith(ground);
    this.#names.replaceWith(names);
    [this.#ground, this.#names] = [ground, names];
    this.element.style.setProperty("--rows", String(high - low));
    this.list.drawIn(frame);
  }

  #frameNow() {
    const { clientWidth: width, clientHeight: height } = this.#sheet;
    return new Frame({ width, height, start: 0, end: this.#options.length, ...this.#rows });
  }
}

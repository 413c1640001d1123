/** The outlines of all sounds of a moment, and the one that its waveform shows. */

import { Signal } from "../base/signal.js";
import { outlineOf, together } from "./peaks.js";

/** @import { Outline } from "./peaks.js" */

const COLUMNS = 800;

export class Outlines {
  /** That of the finished mix, or of what is there of its stems. @type {Signal<Outline | null>} */
  shown = new Signal(/** @type {Outline | null} */ (null));
  /** @type {Map<string, Outline>} */ #known = new Map();

  /**
   * @param {string} name Of the artifact.
   * @param {AudioBuffer} sound
   * @param {AbortSignal} alive
   */
  async add(name, sound, alive) {
    this.#known.set(name, await outlineOf(sound, COLUMNS, alive));
    this.shown.value = this.#known.get("final") ?? together([...this.#known.values()]);
  }
}

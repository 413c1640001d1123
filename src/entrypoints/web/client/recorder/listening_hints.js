/** What to tell someone about the sound of their recording while it runs. */

/** @typedef {"" | "silent" | "faint" | "clipping"} Hint */

/** Full scale is 1. */
const NOTHING = 10 ** (-60 / 20);
const FAINT = 10 ** (-42 / 20);
const CLIPS = 0.985;
const PATIENCE_S = 2.5;
const CLIPPING_S = 3;
const CLIPS_AT_LEAST = 3;

/** Notices silence, faintness and clipping; a hint stays until it is no longer true. */
export class ListeningHints {
  #started = NaN;
  #heard = NaN;
  #loud = NaN;
  /** @type {number[]} */
  #clipped = [];

  /**
   * Return what is to be said after a block of sound.
   * @param {number} at Seconds.
   * @param {number} rms
   * @param {number} peak
   * @returns {Hint}
   */
  next(at, rms, peak) {
    if (Number.isNaN(this.#started)) this.#started = this.#heard = this.#loud = at;
    if (rms > NOTHING) this.#heard = at;
    if (rms > FAINT) this.#loud = at;
    if (peak >= CLIPS) this.#clipped.push(at);
    this.#clipped = this.#clipped.filter((time) => at - time < CLIPPING_S);
    if (at - this.#heard > PATIENCE_S) return "silent";
    if (this.#clipped.length >= CLIPS_AT_LEAST) return "clipping";
    return at - this.#loud > 2 * PATIENCE_S ? "faint" : "";
  }
}

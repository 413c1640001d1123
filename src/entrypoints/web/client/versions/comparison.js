/** Two versions of a hum that are heard in turn, at the same place of the music. */

import { Signal } from "../base/signal.js";
import { playbackOf } from "../player/music.js";
import { placeIn } from "./place.js";

/** @import { Moment } from "../moments/moment.js" */
/** @import { Playback } from "../player/playback.js" */
/** @typedef {"a" | "b"} Side A is the moment that the view shows. */

export class Comparison {
  /** The version that is compared. @type {Signal<Moment | null>} */
  other = new Signal(/** @type {Moment | null} */ (null));
  /** Which of them is heard. @type {Signal<Side>} */
  side = new Signal(/** @type {Side} */ ("a"));
  playing = new Signal(false);
  #alive;
  /** @type {Set<Playback>} */ #watched = new Set();
  #flipping = false;

  /**
   * @param {Moment} shown
   * @param {AbortSignal} alive
   */
  constructor(shown, alive) {
    this.shown = shown;
    this.#alive = alive;
  }

  /** Compare with a version, or end comparing with it. @param {Moment} version */
  toggle(version) {
    this.of("b")?.pause();
    this.side.value = "a";
    this.other.value = this.other.value === version ? null : version;
    for (const side of /** @type {const} */ (["a", "b"])) this.#prepare(this.of(side));
  }

  /** Play or pause what is heard. */
  play() {
    this.of(this.side.value)?.toggle();
  }

  /** Hear the other one, at the same place. */
  async flip() {
    const [now, next] = this.side.value === "a" ? /** @type {const} */ (["a", "b"]) : /** @type {const} */ (["b", "a"]);
    const [from, to] = [this.of(now), this.of(next)];
    if (!from || !to || this.#flipping) return;
    this.#flipping = true; // the second of two keys in a row must not overtake the first
    try {
      await to.load();
      if (this.of(now) !== from || this.of(next) !== to) return; // comparing was ended meanwhile, or goes on with another
      this.side.value = next;
      await from.switchTo(to, (seconds) => placeIn(seconds, this.#piece(now), this.#piece(next)));
    } finally {
      this.#flipping = false;
    }
  }

  /**
   * Return what plays a side; null where nothing is compared.
   * @param {Side} side
   */
  of(side) {
    const moment = this.moment(side);
    return moment && playbackOf(moment, this.#alive);
  }

  /** @param {Side} side */
  moment(side) {
    return side === "a" ? this.shown : this.other.value;
  }

  /** @param {Side} side */
  #piece(side) {
    return { form: this.moment(side)?.status.value?.form ?? [], length: this.of(side)?.length.value ?? 0 };
  }

  /** @param {Playback | null} playback */
  #prepare(playback) {
    if (!playback || !this.other.value) return;
    void playback.load().catch(() => {});
    if (this.#watched.has(playback)) return;
    this.#watched.add(playback);
    playback.playing.watch(() => { this.playing.value = [...this.#watched].some((one) => one.playing.value); }, this.#alive);
  }
}

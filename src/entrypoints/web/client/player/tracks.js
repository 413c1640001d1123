/** The tracks of one music: kept while nothing plays, since browsers let nothing sound before somebody touches the page. */

import { openContext } from "./audio_context.js";
import { Deck } from "./deck.js";

/** @import { Bus } from "./deck.js" */

export class Tracks {
  /** What plays them, once something has been played. @type {Deck | null} */
  deck = null;
  /** @type {Map<string, { bus: Bus, buffer: AudioBuffer, level: number }>} */ #tracks = new Map();
  /** @type {Bus} */ #shown = "mix";

  /** @param {() => void} ended Called when the music has come to its end. */
  constructor(ended) {
    this.ended = ended;
  }

  get empty() {
    return this.#tracks.size === 0;
  }

  /**
   * Return the deck with all tracks; null while there are none.
   * @param {AbortSignal} alive
   */
  open(alive) {
    if (this.deck || !this.#tracks.size || alive.aborted) return this.deck;
    this.deck = new Deck(openContext(alive), this.ended);
    for (const [name, { bus, buffer, level }] of this.#tracks) this.deck.add(name, bus, buffer, level);
    this.deck.show(this.#shown, 0);
    return this.deck;
  }

  /**
   * Add a track, or replace one.
   * @param {string} name
   * @param {Bus} bus
   * @param {AudioBuffer} buffer
   * @param {number} level A factor.
   */
  add(name, bus, buffer, level) {
    this.remove(name);
    this.#tracks.set(name, { bus, buffer, level });
    this.deck?.add(name, bus, buffer, level);
  }

  /** @param {string} name */
  remove(name) {
    this.#tracks.delete(name);
    this.deck?.remove(name);
  }

  /**
   * @param {string} name
   * @param {number} level A factor.
   * @param {number} [seconds] That the change takes, roughly.
   */
  level(name, level, seconds) {
    const track = this.#tracks.get(name);
    if (track) track.level = level;
    this.deck?.level(name, level, seconds);
  }

  /**
   * Let the mix be heard or the stems.
   * @param {Bus} bus
   * @param {number} seconds That the change takes.
   */
  show(bus, seconds) {
    this.#shown = bus;
    this.deck?.show(bus, seconds);
  }

  /** @param {string} name */
  meter(name) {
    return this.deck?.meter(name);
  }

  clear() {
    this.deck?.close();
    this.#tracks.clear();
  }
}

/** Plays the finished mix with the browser's own player, where its samples cannot be had: a mix is all there is then. */

import { h } from "../base/dom.js";

/** @import { Span } from "./deck.js" */

const RENEWALS = 3;

export class ElementDeck {
  /** @type {Span | null} */ #loop = null;
  #renewals = 0;
  #closed = false;

  /**
   * @param {() => Promise<string>} renew Returns a URL of the music that is valid now.
   * @param {{ ended: () => void, known: () => void, failed: () => void }} tell What the deck calls: the music is over, its
   *   length is known, it cannot be played.
   */
  constructor(renew, { ended, known, failed }) {
    this.audio = h("audio", { preload: "auto", "data-background": true });
    this.audio.addEventListener("ended", ended);
    this.audio.addEventListener("durationchange", known);
    this.audio.addEventListener("timeupdate", () => this.#turn());
    const load = () => this.#renew(renew).catch(() => { if (!this.#closed) failed(); });
    this.audio.addEventListener("error", load);
    void load();
  }

  /** Seconds, or 0 while it is not known. */
  get length() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : 0;
  }

  positionAt() {
    return this.audio.currentTime;
  }

  /**
   * Start the music; return whether the browser allows it.
   * @param {number | null} from Seconds; null goes on where it is.
   * @param {Span | null} loop
   */
  async start(from, loop) {
    this.#loop = loop;
    if (from !== null) this.audio.currentTime = from;
    return this.audio.play().then(() => true, () => false);
  }

  /** @returns {number} Where it stopped, in seconds. */
  stop() {
    this.audio.pause();
    return this.audio.currentTime;
  }

  close() {
    this.#closed = true;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  #turn() {
    if (this.#loop && this.audio.currentTime >= this.#loop.end) this.audio.currentTime = this.#loop.start;
  }

  /** @param {() => Promise<string>} renew */
  async #renew(renew) {
    if (this.#renewals++ >= RENEWALS) throw new Error("the music cannot be played");
    const [at, playing] = [this.audio.currentTime, !this.audio.paused];
    const url = await renew();
    if (this.#closed) return;
    this.audio.src = url;
    this.audio.currentTime = at;
    if (playing) await this.audio.play();
  }
}

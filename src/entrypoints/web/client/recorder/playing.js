/** Listening to a part of a take. */

import { Signal } from "../base/signal.js";
import { claimSound, releaseSound } from "../player/one_at_a_time.js";

/** @import { Sound } from "./decode.js" */
/** @import { Part } from "./take.js" */

/** Plays parts of one sound, one at a time. */
export class TakePlayer {
  /** Seconds of the sound, or null while it is not played. @type {Signal<number | null>} */
  time = new Signal(/** @type {number | null} */ (null));
  #sound;
  #alive;
  /** @type {AudioContext | null} */
  #context = null;

  /**
   * @param {Sound} sound
   * @param {AbortSignal} alive
   */
  constructor(sound, alive) {
    this.#sound = sound;
    this.#alive = alive;
    alive.addEventListener("abort", () => this.stop(), { once: true });
  }

  /**
   * Play a part; call this in the handler of a click.
   * @param {Part} part
   */
  play({ from, to }) {
    this.stop();
    if (this.#alive.aborted) return;
    claimSound(this);
    const context = (this.#context = new AudioContext());
    void context.resume().catch(() => {});
    const source = sourceOf(context, this.#sound);
    const began = context.currentTime;
    source.onended = () => { if (this.#context === context) this.stop(); };
    source.start(0, from, to - from);
    this.time.value = from;
    const follow = () => {
      if (this.#context !== context) return;
      this.time.value = Math.min(to, from + context.currentTime - began);
      requestAnimationFrame(follow);
    };
    requestAnimationFrame(follow);
  }

  stop() {
    void this.#context?.close().catch(() => {});
    this.#context = null;
    this.time.value = null;
    releaseSound(this);
  }

  /** Something else is to sound. */
  pause() {
    this.stop();
  }
}

/**
 * @param {AudioContext} context
 * @param {Sound} sound
 */
function sourceOf(context, { samples, rate }) {
  const buffer = context.createBuffer(1, samples.length, rate);
  buffer.getChannelData(0).set(samples);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  return source;
}

/** One recording after another: ask for the microphone, count in, record, stop. However one ends, it releases all it has. */

import { LIMITS } from "../api/limits.js";
import { Signal } from "../base/signal.js";
import { claimSound } from "../player/one_at_a_time.js";
import { ListeningHints } from "./listening_hints.js";
import { openMicrophone } from "./microphone.js";
import { hear } from "./sound_input.js";
import { startTape } from "./tape.js";
import { every, keepAwake, leaving, waitFor } from "../base/waiting.js";

/** @import { Hint } from "./listening_hints.js" */
/** @import { Block } from "./sound_input.js" */
/** @import { PitchPoint } from "../roll/notes.js" */
/** @typedef {"idle" | "asking" | "counting" | "recording" | "finishing"} State */
/** @typedef {"stopped" | "limit" | "lost" | "hidden"} Ending Why a recording ended. */
/** @typedef {{ recording: Blob, name: string, ending: Ending }} Recorded */

const COUNT = 3;
const BEAT_MS = 700;
const MARGIN_S = 0.5; // encoders round the length up, and the service refuses what is too long
const TICK_MS = 200;
const SILENCE = { pause: () => {} };

export class Session {
  /** @type {Signal<State>} */
  state = new Signal(/** @type {State} */ ("idle"));
  /** What is left to count before the recording. @type {Signal<number>} */
  count = new Signal(0);
  /** Seconds recorded. @type {Signal<number>} */
  seconds = new Signal(0);
  /** What the microphone hears. @type {Signal<Block | null>} */
  block = new Signal(/** @type {Block | null} */ (null));
  /** @type {Signal<Hint>} */
  hint = new Signal(/** @type {Hint} */ (""));
  /** The pitch since the recording began. @type {PitchPoint[]} */
  points = [];
  #start = NaN;
  #hints = new ListeningHints();
  #next = () => {};
  /** @type {(ending: Ending) => void} */
  #end = () => {};
  #cancel = () => {};

  /**
   * Record; return null if that was cancelled, or is going on already.
   * @param {boolean} countIn
   * @param {AbortSignal} alive
   * @returns {Promise<Recorded | null>}
   * @throws {import("./microphone.js").NoMicrophone}
   */
  async record(countIn, alive) {
    if (this.state.value !== "idle" || alive.aborted) return null;
    const leave = leaving(alive);
    this.#cancel = () => leave.abort();
    this.state.value = "asking";
    claimSound(SILENCE); // the microphone would hear what plays
    try {
      return await this.#take(countIn, leave.signal);
    } catch (error) {
      if (leave.signal.aborted) return null;
      throw error;
    } finally {
      leave.abort();
      this.#reset();
    }
  }

  /** Start at once instead of counting on. */
  skip() {
    this.#next();
  }

  /** End the recording, and keep it. */
  stop() {
    this.#end("stopped");
  }

  /** End, and keep nothing. */
  cancel() {
    this.#cancel();
  }

  /**
   * @param {boolean} countIn
   * @param {AbortSignal} alive
   * @returns {Promise<Recorded>}
   */
  async #take(countIn, alive) {
    const context = new AudioContext();
    alive.addEventListener("abort", () => void context.close().catch(() => {}), { once: true });
    void context.resume().catch(() => {});
    const stream = await openMicrophone(alive);
    await hear(context, stream, (block) => this.#hear(block), alive);
    keepAwake(alive);
    document.addEventListener("visibilitychange", () => this.#hidden(), { signal: alive });
    if (countIn) await this.#countIn(alive);
    const finish = startTape(stream, () => this.#end("lost"));
    const ending = await this.#untilEnd(stream, alive);
    this.state.value = "finishing";
    return { ...(await finish()), ending };
  }

  /** @param {AbortSignal} alive */
  async #countIn(alive) {
    this.state.value = "counting";
    let skipped = false;
    for (let left = COUNT; left > 0 && !skipped; left--) {
      this.count.value = left;
      await waitFor((done) => {
        this.#next = () => { skipped = true; done(null); };
        setTimeout(done, BEAT_MS, null);
      }, alive);
    }
  }

  /**
   * @param {MediaStream} stream
   * @param {AbortSignal} alive
   * @returns {Promise<Ending>}
   */
  #untilEnd(stream, alive) {
    const began = performance.now();
    this.#start = NaN;
    this.points = [];
    this.state.value = "recording";
    return waitFor((done) => {
      this.#end = done;
      every(TICK_MS, () => {
        this.seconds.value = (performance.now() - began) / 1000;
        if (this.seconds.value >= LIMITS.longest_seconds - MARGIN_S) done("limit");
      }, alive);
      stream.getTracks().forEach((track) => track.addEventListener("ended", () => done("lost"), { signal: alive }));
    }, alive);
  }

  /** @param {Block} block */
  #hear(block) {
    this.hint.value = this.#hints.next(block.at, block.rms, block.peak);
    if (this.state.value === "recording") {
      if (Number.isNaN(this.#start)) this.#start = block.at;
      for (const { at, pitch } of block.points) if (at >= this.#start) this.points.push({ at: at - this.#start, pitch });
    }
    this.block.value = block;
  }

  /** Nobody is recorded unawares: who goes to another tab or app ends the recording. */
  #hidden() {
    if (!document.hidden) return;
    if (this.state.value === "recording") this.#end("hidden");
    else this.#cancel();
  }

  #reset() {
    this.#next = this.#end = this.#cancel = () => {};
    this.#hints = new ListeningHints();
    this.count.value = this.seconds.value = 0;
    this.block.value = null;
    this.hint.value = "";
    this.state.value = "idle";
  }
}

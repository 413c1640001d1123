/** One recording after another: ask for the microphone, count in, record, stop. However one ends, it releases all it has. */

import { LIMITS } from "../api/limits.js";
import { Signal } from "../base/signal.js";
import { silence } from "../player/one_at_a_time.js";
import { countIn } from "./count_in.js";
import { untilItEnds } from "./ending.js";
import { ListeningHints } from "./listening_hints.js";
import { openMicrophone } from "./microphone.js";
import { hear } from "./sound_input.js";
import { startTape } from "./tape.js";
import { keepAwake } from "../base/waiting.js";

/** @import { Ending } from "./ending.js" */
/** @import { Hint } from "./listening_hints.js" */
/** @import { Block } from "./sound_input.js" */
/** @import { PitchPoint } from "../roll/notes.js" */
/** @typedef {"idle" | "asking" | "counting" | "recording" | "finishing"} State */
/** @typedef {{ recording: Blob, name: string, ending: Ending }} Recorded */

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
   * Record; return null if that was cancelled, or is going on already. Leaving the view ends a recording, and keeps it.
   * @param {boolean} counted Whether it is counted in.
   * @param {AbortSignal} alive
   * @returns {Promise<Recorded | null>}
   * @throws {import("./microphone.js").NoMicrophone}
   */
  async record(counted, alive) {
    if (this.state.value !== "idle" || alive.aborted) return null;
    const leave = new AbortController();
    this.#cancel = () => leave.abort();
    alive.addEventListener("abort", () => this.#leave("left"), { once: true, signal: leave.signal });
    this.state.value = "asking";
    silence(); // the microphone would hear what plays
    try {
      return await this.#take(counted, leave.signal);
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
   * @param {boolean} counted
   * @param {AbortSignal} alive
   * @returns {Promise<Recorded>}
   */
  async #take(counted, alive) {
    const context = new AudioContext();
    alive.addEventListener("abort", () => void context.close().catch(() => {}), { once: true });
    void context.resume().catch(() => {});
    const stream = await openMicrophone(alive);
    await hear(context, stream, (block) => this.#hear(block), alive);
    keepAwake(alive);
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.#leave("hidden"); }, { signal: alive });
    if (counted) await this.#countIn(alive);
    const finish = startTape(stream, () => this.#end("lost"));
    const ending = await this.#untilEnd(stream, alive);
    this.state.value = "finishing";
    return { ...(await finish()), ending };
  }

  /** @param {AbortSignal} alive */
  async #countIn(alive) {
    this.state.value = "counting";
    await countIn((left, skip) => { this.#next = skip; this.count.value = left; }, alive);
  }

  /**
   * @param {MediaStream} stream
   * @param {AbortSignal} alive
   */
  #untilEnd(stream, alive) {
    this.#start = NaN;
    this.points = [];
    this.state.value = "recording";
    return untilItEnds(stream, {
      begun: (end) => { this.#end = end; },
      passed: (seconds) => { this.seconds.value = seconds; },
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

  /**
   * Nobody is recorded unawares: who goes to another view, tab or app ends the recording, and has it later.
   * @param {Ending} ending
   */
  #leave(ending) {
    if (this.state.value === "recording" && this.seconds.value >= LIMITS.shortest_seconds) this.#end(ending);
    else if (this.state.value !== "finishing") this.#cancel();
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

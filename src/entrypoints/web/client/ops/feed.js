/** Something that is read again and again while it is looked at. */

import { Problem } from "../api/client.js";
import { Signal } from "../base/signal.js";

const HIDDEN_MS = 30_000;
const LONGEST_MS = 120_000;
const LONGEST_AGAIN_MS = 30_000;
const SHARE = 10; // reading takes a tenth of the time at most: some counts are slow where there are many jobs

/**
 * How long to rest before the next read.
 * @param {{ every: number, took: number, failures: number, gone: boolean, hidden: boolean, chance: number }} facts In
 *   milliseconds; chance is 0–1, so that not all pages ask at once when the service is back.
 */
export function restOf({ every, took, failures, gone, hidden, chance }) {
  if (gone) return LONGEST_MS;
  if (failures) return Math.min(every * 2 ** (failures - 1), LONGEST_AGAIN_MS) * (0.5 + chance / 2);
  return Math.min(Math.max(every, took * SHARE, hidden ? HIDDEN_MS : 0), LONGEST_MS);
}

/** @template T */
export class Feed {
  /** What was read last; it stays when a read fails. @type {Signal<T | null>} */
  value = new Signal(/** @type {T | null} */ (null));
  /** Why the last read failed, or null. @type {Signal<Problem | null>} */
  problem = new Signal(/** @type {Problem | null} */ (null));
  /** When it was read, in milliseconds since 1970; 0 before. @type {Signal<number>} */
  readAt = new Signal(0);
  /** @type {() => void} */ #wake = () => {};
  #due = false;

  /**
   * @param {(alive: AbortSignal) => Promise<T>} read
   * @param {number} every Milliseconds.
   */
  constructor(read, every) {
    this.read = read;
    this.every = every;
  }

  /** Read now, or as soon as the present read has ended. */
  now() {
    this.#due = true;
    this.#wake();
  }

  /**
   * Read until the signal aborts.
   * @param {AbortSignal} alive
   */
  async run(alive) {
    const seen = () => { if (!document.hidden) this.now(); };
    document.addEventListener("visibilitychange", seen, { signal: alive });
    window.addEventListener("online", seen, { signal: alive });
    for (let failures = 0; !alive.aborted; ) {
      this.#due = false;
      const began = performance.now();
      failures = (await this.#readOnce(alive)) ? 0 : failures + 1;
      const took = performance.now() - began;
      const gone = this.problem.value?.status === 404;
      const rest = restOf({ every: this.every, took, failures, gone, hidden: document.hidden, chance: Math.random() });
      if (!this.#due) await this.#rest(rest, alive);
    }
  }

  /** @param {AbortSignal} alive */
  async #readOnce(alive) {
    try {
      const value = await this.read(alive);
      if (alive.aborted) return true;
      this.readAt.value = Date.now();
      this.problem.value = null;
      this.value.value = value;
      return true;
    } catch (error) {
      if (!alive.aborted) this.problem.value = error instanceof Problem ? error : new Problem(String(error));
      return false;
    }
  }

  /**
   * @param {number} milliseconds
   * @param {AbortSignal} alive
   * @returns {Promise<void>}
   */
  #rest(milliseconds, alive) {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.#wake = () => { clearTimeout(timer); done(); };
      alive.addEventListener("abort", this.#wake, { once: true });
      if (alive.aborted) this.#wake();
    });
  }
}

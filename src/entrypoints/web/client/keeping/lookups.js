/** What the service says of the moments in a list: it is asked about those that are seen, a few at a time. */

import { Problem, readStatus } from "../api/client.js";
import { bounded } from "../base/bounded.js";
import { Signal } from "../base/signal.js";

/** @import { Status } from "../api/types.js" */

/** @typedef {{ status: Status | null, trouble: "" | "gone" | "away" }} Found */

const AT_ONCE = 4;
const RUNNING_MS = 3000;
const AWAY_MS = 10_000;

export class Lookups {
  #bounded = bounded(AT_ONCE);
  #alive;

  /** @param {AbortSignal} alive */
  constructor(alive) {
    this.#alive = alive;
  }

  /**
   * Return what is known of a moment, which is brought up to date while it is seen, until it has ended.
   * @param {string} id
   * @param {Signal<boolean>} seen
   */
  watch(id, seen) {
    /** @type {Signal<Found>} */
    const found = new Signal(/** @type {Found} */ ({ status: null, trouble: "" }));
    let due = 0, asking = false;
    const ask = async () => {
      if (asking || !seen.value || isSettled(found.value) || this.#alive.aborted) return;
      asking = true;
      found.value = await this.#bounded(() => this.#ask(id, found.value));
      asking = false;
      due = window.setTimeout(ask, found.value.trouble === "away" ? AWAY_MS : RUNNING_MS);
    };
    seen.watch(() => { clearTimeout(due); void ask(); }, this.#alive);
    this.#alive.addEventListener("abort", () => clearTimeout(due), { once: true });
    return found;
  }

  /**
   * @param {string} id
   * @param {Found} former
   * @returns {Promise<Found>}
   */
  async #ask(id, former) {
    if (this.#alive.aborted) return former;
    try {
      return { status: await readStatus(id, this.#alive), trouble: "" };
    } catch (error) {
      const isGone = error instanceof Problem && error.code === "job_not_found";
      return { status: isGone ? null : former.status, trouble: isGone ? "gone" : "away" };
    }
  }
}

/** @param {Found} found */
const isSettled = ({ status, trouble }) => trouble === "gone" || (trouble === "" && !!status?.terminal);

/** What is read all the time, whichever view is shown: the counts, the webhooks, the health of the api. */

import { Signal } from "../base/signal.js";
import { alarmsOf } from "./alarms.js";
import { Feed } from "./feed.js";
import { readDeliveries, readStats } from "./operations.js";

/** @import { Problem } from "../api/client.js" */
/** @import { Alarm } from "./alarms.js" */

const STATS_MS = 3000;
const OTHERS_MS = 10_000;
const PATIENCE_MS = 30_000;
const REMEMBERED_MS = 30 * 60_000;
const REFUSED = new Set([401, 403]);

/** @typedef {{ at: number, completed: number, failed: number, waiting: number, running: number }} Sample */

/**
 * Whether the service wants a key, or another one: it is asked for, in place of everything else.
 * @param {Problem | null} problem
 */
export const wantsOperator = (problem) => problem !== null && REFUSED.has(problem.status);

export class Watch {
  stats = new Feed(readStats, STATS_MS);
  deliveries = new Feed(readDeliveries, OTHERS_MS);
  /** By part, `ok` or a code. */
  health = new Feed(readHealth, OTHERS_MS);
  /** @type {Signal<Alarm[] | null>} Null before the first counts. */
  alarms = new Signal(/** @type {Alarm[] | null} */ (null));
  /** The counts of the last half hour, as far as the page was open. @type {Signal<Sample[]>} */
  samples = new Signal(/** @type {Sample[]} */ ([]));

  /** @param {AbortSignal} alive */
  run(alive) {
    this.stats.problem.watch(() => this.#judge(), alive);
    const feeds = [this.stats, this.deliveries, this.health];
    for (const feed of feeds) {
      feed.value.watch(() => this.#judge(), alive);
      void feed.run(alive);
    }
    this.stats.value.watch((stats) => {
      if (stats) this.samples.value = [...this.samples.value.filter(({ at }) => at > Date.now() - REMEMBERED_MS), sampleOf(stats)];
    }, alive);
  }

  #judge() {
    const stats = this.stats.value.value;
    const parts = this.health.value.value;
    const problem = this.stats.problem.value;
    const unread = problem !== null && !wantsOperator(problem);
    if (stats || parts || unread) this.alarms.value = alarmsOf(stats, this.deliveries.value.value, parts ?? {}, unread);
  }
}

/** @param {import("./types.js").Stats} stats @returns {Sample} */
function sampleOf({ completed_1m: completed, failed_1m: failed, waiting, running }) {
  return { at: Date.now(), completed, failed, waiting, running };
}

/** @param {AbortSignal} alive @returns {Promise<Record<string, string>>} */
async function readHealth(alive) {
  if (alive.aborted) return {};
  const answer = await fetch("/readyz", { signal: AbortSignal.timeout(PATIENCE_MS) }); // 503 has parts as well
  return (await answer.json()).parts;
}

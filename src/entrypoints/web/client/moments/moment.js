/** One moment as it is made: what is known of it, kept up to date by the events of its job. */

import { cancel, Problem, readStatus } from "../api/client.js";
import { eventsOf } from "../api/events.js";
import { Signal } from "../base/signal.js";

/** @import { Artifact, Status } from "../api/types.js" */
/** @typedef {"connecting" | "live" | "lost" | "gone" | "ended"} Connection */

const POLL_MS = 3000;
const AGAIN_MS = 1000;
const LONGEST_AGAIN_MS = 15_000;

export class Moment {
  /** The last status, or null before the first. @type {Signal<Status | null>} */
  status = new Signal(/** @type {Status | null} */ (null));
  /** Files by name, as soon as they are there. @type {Signal<ReadonlyMap<string, Artifact>>} */
  artifacts = new Signal(/** @type {ReadonlyMap<string, Artifact>} */ (new Map()));
  /** 0–1. @type {Signal<number>} */
  progress = new Signal(0);
  /** @type {Signal<Connection>} */
  connection = new Signal(/** @type {Connection} */ ("connecting"));
  #lastEvent = "";

  /** @param {string} id Of its job. */
  constructor(id) {
    this.id = id;
  }

  /**
   * Keep everything up to date until the job has ended, is gone, or the signal aborts.
   * @param {AbortSignal} alive
   */
  async follow(alive) {
    const poll = setInterval(() => void this.refresh(alive).catch(() => {}), POLL_MS); // queue, ETA and outages are no events
    alive.addEventListener("abort", () => clearInterval(poll), { once: true });
    for (let failures = 0; !alive.aborted && !this.#over(); ) {
      failures = await this.#stream(alive) ? 0 : failures + 1;
      if (!alive.aborted && !this.#over()) await waitAgain(failures, alive);
    }
    clearInterval(poll);
  }

  /**
   * Read the status now.
   * @param {AbortSignal} [alive]
   */
  async refresh(alive) {
    const status = await readStatus(this.id, alive);
    this.status.value = status;
    this.progress.value = status.progress;
    this.artifacts.value = new Map(status.artifacts_detail.map((file) => [file.name, file]));
    if (status.terminal) this.connection.value = "ended";
  }

  /** Ask for the job to be stopped. */
  async cancel() {
    await cancel(this.id);
    await this.refresh();
  }

  #over() {
    return this.connection.value === "gone" || this.connection.value === "ended";
  }

  /**
   * Follow one stream to its end; return whether it worked.
   * @param {AbortSignal} alive
   */
  async #stream(alive) {
    try {
      await this.refresh(alive);
      if (this.#over()) return true;
      this.connection.value = "live";
      for await (const event of eventsOf(this.id, this.#lastEvent, alive)) await this.#take(event, alive);
      return true;
    } catch (error) {
      if (!alive.aborted) this.connection.value = error instanceof Problem && error.status === 404 ? "gone" : "lost";
      return false;
    }
  }

  /**
   * @param {import("../api/events.js").JobEvent} event
   * @param {AbortSignal} alive
   */
  async #take({ id, kind, data }, alive) {
    this.#lastEvent = id || this.#lastEvent;
    if (kind === "progress") this.progress.value = Number(data.progress ?? data);
    else if (kind === "status" || kind === "artifact") await this.refresh(alive);
  }
}

/**
 * Wait before the next try: longer each time, and not all pages at once.
 * @param {number} failures
 * @param {AbortSignal} alive
 */
function waitAgain(failures, alive) {
  const longest = Math.min(AGAIN_MS * 2 ** failures, LONGEST_AGAIN_MS);
  return new Promise((wake) => {
    setTimeout(wake, longest * (0.5 + Math.random() / 2));
    alive.addEventListener("abort", wake, { once: true });
  });
}

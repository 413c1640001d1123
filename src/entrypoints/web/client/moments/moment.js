/** One moment as it is made: what is known of it, kept up to date by the events of its job. */

import { cancel, Problem, retry } from "../api/client.js";
import { kept } from "../api/key.js";
import { readChange } from "../api/reading.js";
import { Signal } from "../base/signal.js";
import { followJob } from "./following.js";

/** @import { Artifact, Status } from "../api/types.js" */
/** @import { JobEvent } from "../api/events.js" */

/**
 * How the page hears of the job: by its events, or by asking where it gets none; not now (`lost`) or not without a key
 * (`locked`), of which `problem` says more; and no more, since the job has ended or is not there (`gone`).
 * @typedef {"connecting" | "live" | "polling" | "lost" | "locked" | "gone" | "ended"} Connection
 */

export class Moment {
  /** The last status, or null before the first. @type {Signal<Status | null>} */
  status = new Signal(/** @type {Status | null} */ (null));
  /** Files by name, as soon as they are there. @type {Signal<ReadonlyMap<string, Artifact>>} */
  artifacts = new Signal(/** @type {ReadonlyMap<string, Artifact>} */ (new Map()));
  /** 0–1. @type {Signal<number>} */
  progress = new Signal(0);
  /** @type {Signal<Connection>} */
  connection = new Signal(/** @type {Connection} */ ("connecting"));
  /** Why the connection is as it is. @type {Signal<Problem | null>} */
  problem = new Signal(/** @type {Problem | null} */ (null));
  /** Id of the last event that is known. */
  lastEvent = "";
  /** After how many seconds the service wants to be asked again. */
  askAgain = 1;
  /** By how many milliseconds the clock of the service is ahead of ours. */
  ahead = 0;
  #etag = "";
  #stale = false;
  /** @type {Promise<void> | null} */
  #reading = null;
  #following = false;
  /** @type {AbortSignal | undefined} */
  #alive;

  /** @param {string} id Of its job. */
  constructor(id) {
    this.id = id;
  }

  /** Whether there is nothing more to follow. */
  get over() {
    return this.connection.value === "gone" || this.connection.value === "ended";
  }

  /**
   * Keep everything up to date until the signal aborts.
   * @param {AbortSignal} alive
   */
  async follow(alive) {
    this.#alive = alive;
    const look = () => { if (!document.hidden && this.over) void this.refresh().catch(() => {}); }; // retried or deleted elsewhere
    document.addEventListener("visibilitychange", look, { signal: alive });
    kept.watch((key) => { if (key && this.connection.value === "gone") void this.refresh().catch(() => {}); }, alive); // it was another's key
    await this.#go();
  }

  /**
   * Read the status now, if it has changed; calls that come together are one request, or two.
   * @param {AbortSignal} [alive]
   * @throws {Problem}
   */
  refresh(alive = this.#alive) {
    this.#stale = true;
    this.#reading ??= this.#readWhileStale(alive).finally(() => { this.#reading = null; });
    return this.#reading;
  }

  /** Ask for the job to be stopped. */
  async cancel() {
    await cancel(this.id);
    await this.refresh();
  }

  /** Run a job again that has failed. */
  async retry() {
    await retry(this.id);
    await this.refresh();
  }

  /**
   * Take an event of the job; those of kinds that are not known change nothing.
   * @param {JobEvent} event
   * @returns {Promise<void>} Done once everything is known that it tells of.
   */
  async take({ id, kind, data }) {
    this.lastEvent = id || this.lastEvent;
    if (kind === "progress") this.progress.value = Number(data.progress) || this.progress.value;
    else if (kind === "status" || kind === "artifact") await this.refresh();
  }

  /** Follow the job, unless that is done already or there is nothing to follow. */
  async #go() {
    if (this.#following || !this.#alive || this.#alive.aborted) return;
    this.#following = true;
    await followJob(this, this.#alive).finally(() => { this.#following = false; });
  }

  /** @param {AbortSignal} [alive] */
  async #readWhileStale(alive) {
    while (this.#stale) {
      this.#stale = false;
      await this.#read(alive);
    }
  }

  /** @param {AbortSignal} [alive] */
  async #read(alive) {
    const { status, etag, again, ahead } = await readChange(this.id, this.#etag, alive).catch((problem) => this.#miss(problem));
    [this.#etag, this.askAgain, this.ahead] = [etag, again, ahead ?? this.ahead];
    if (status) this.#show(status);
  }

  /** @param {Status} status */
  #show(status) {
    this.artifacts.value = changed(this.artifacts.value, status.artifacts_detail);
    this.progress.value = status.progress;
    this.status.value = status;
    if (status.terminal) this.connection.value = "ended";
    else if (this.over) {
      this.connection.value = "connecting";
      void this.#go();
    }
  }

  /**
   * @param {unknown} problem
   * @returns {never}
   */
  #miss(problem) {
    if (problem instanceof Problem && problem.status === 404) this.connection.value = "gone";
    throw problem;
  }
}

/**
 * Return the files by name: the same map where nothing has changed.
 * @param {ReadonlyMap<string, Artifact>} known
 * @param {Artifact[]} files
 */
function changed(known, files) {
  const same = files.length === known.size && files.every(({ name, url }) => known.get(name)?.url === url);
  return same ? known : new Map(files.map((file) => [file.name, file]));
}

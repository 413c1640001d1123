/** Which jobs of a list are chosen; those of other pages stay chosen. */

import { Signal } from "../base/signal.js";

/** @import { JobRow } from "./types.js" */

export class Selection {
  /** The chosen jobs by id, as they were seen last. @type {Signal<ReadonlyMap<string, JobRow>>} */
  chosen = new Signal(/** @type {ReadonlyMap<string, JobRow>} */ (new Map()));
  /** The last job that was chosen by itself: a range begins there. @type {string} */
  #from = "";
  /** The jobs of the page that is shown, in order. @type {readonly JobRow[]} */
  #page = [];

  /**
   * Note what is shown now; chosen jobs are known as they are now.
   * @param {readonly JobRow[]} page
   */
  show(page) {
    this.#page = page;
    const chosen = this.chosen.value;
    if (page.some(({ id }) => chosen.has(id))) {
      this.chosen.value = new Map([...chosen, ...page.filter(({ id }) => chosen.has(id)).map((job) => pair(job))]);
    }
  }

  /**
   * Choose a job or not; with `range`, also those between it and the one before.
   * @param {string} id
   * @param {boolean} on
   * @param {boolean} range
   */
  set(id, on, range) {
    const places = [id, range ? this.#from : id].map((one) => this.#page.findIndex((job) => job.id === one));
    const [first, last] = places.includes(-1) ? [Number(places[0]), Number(places[0])] : [Math.min(...places), Math.max(...places)];
    this.#choose(this.#page.slice(first, last + 1), on);
    this.#from = id;
  }

  /**
   * Choose all jobs of the page, or none of them.
   * @param {boolean} on
   */
  setPage(on) {
    this.#choose(this.#page, on);
  }

  /** Choose nothing. */
  clear() {
    this.chosen.value = new Map();
  }

  /** How many of the page are chosen. */
  get onPage() {
    return this.#page.filter(({ id }) => this.chosen.value.has(id)).length;
  }

  /**
   * @param {readonly JobRow[]} jobs
   * @param {boolean} on
   */
  #choose(jobs, on) {
    const chosen = new Map(this.chosen.value);
    for (const job of jobs) {
      if (on) chosen.set(job.id, job);
      else chosen.delete(job.id);
    }
    this.chosen.value = chosen;
  }
}

/** @param {JobRow} job @returns {[string, JobRow]} */
const pair = (job) => [job.id, job];

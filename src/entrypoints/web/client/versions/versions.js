/** All versions of a hum, each kept up to date until it has ended. */

import { Problem } from "../api/client.js";
import { Signal } from "../base/signal.js";
import { every } from "../base/waiting.js";
import { Moment } from "../moments/moment.js";
import { familyOf } from "./family.js";

const MOST = 24;
const AGAIN_MS = 4000;

export class Versions {
  /** Those that are still there, the oldest first. @type {Signal<readonly Moment[]>} */
  all = new Signal(/** @type {readonly Moment[]} */ ([]));
  #shown;
  #alive;
  /** @type {Map<string, Moment>} */ #known;
  /** @type {unknown[]} */ #told = [];

  /**
   * @param {Moment} shown The one that the view follows.
   * @param {AbortSignal} alive
   */
  constructor(shown, alive) {
    this.#shown = shown;
    this.#alive = alive;
    this.#known = new Map([[shown.id, shown]]);
    every(AGAIN_MS, () => void this.#read(), alive); // other tabs may make more, too
    shown.status.watch((status) => { if (status) void this.#read(); }, alive);
  }

  get #family() {
    return familyOf(this.#shown.id, this.#shown.status.value?.parent_id ?? null).slice(-MOST);
  }

  /** Read those that are not known to have ended. */
  async #read() {
    for (const id of this.#family) if (!this.#known.has(id)) this.#known.set(id, new Moment(id));
    await Promise.all([...this.#known.values()].filter((one) => one !== this.#shown && !isOver(one)).map((one) => this.#refresh(one)));
    if (!this.#alive.aborted) this.#show();
  }

  /** @param {Moment} version */
  async #refresh(version) {
    try {
      await version.refresh(this.#alive);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) version.connection.value = "gone";
    }
  }

  #show() {
    const order = this.#family;
    const there = [...this.#known.values()].filter((one) => one.status.value && one.connection.value !== "gone");
    there.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    const told = there.map(({ status }) => status.value);
    if (told.length === this.#told.length && told.every((one, index) => one === this.#told[index])) return;
    [this.#told, this.all.value] = [told, there];
  }
}

/** @param {Moment} version */
function isOver({ status, connection }) {
  return status.value?.terminal || connection.value === "gone";
}

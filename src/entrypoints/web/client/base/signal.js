/** Values that tell who watches them when they change. */

/** @template T */
export class Signal {
  /** @type {T} */ #value;
  /** @type {Set<(value: T) => void>} */ #watchers = new Set();

  /** @param {T} value */
  constructor(value) {
    this.#value = value;
  }

  get value() {
    return this.#value;
  }

  set value(value) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  /**
   * Call a function with the value, now and whenever it changes, until the signal aborts.
   * @param {(value: T) => void} watcher
   * @param {AbortSignal} alive
   */
  watch(watcher, alive) {
    if (alive.aborted) return;
    this.#watchers.add(watcher);
    alive.addEventListener("abort", () => this.#watchers.delete(watcher), { once: true });
    watcher(this.#value);
  }
}

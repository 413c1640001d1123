/** Waiting before another try. */

import { kept } from "../api/key.js";

const FIRST_MS = 1000;
const LONGEST_MS = 15_000;

/**
 * Return how many milliseconds to wait: longer after each failure, and not the same for all pages.
 * @param {number} failures How many there were before.
 */
export function backoff(failures) {
  return Math.min(FIRST_MS * 2 ** failures, LONGEST_MS) * (0.5 + Math.random() / 2);
}

/**
 * Wait; not any longer once the network is back, or the signal aborts.
 * @param {number} milliseconds
 * @param {AbortSignal} alive
 * @returns {Promise<void>}
 */
export function pause(milliseconds, alive) {
  return new Promise((wake) => {
    const done = new AbortController();
    const end = () => { clearTimeout(due); done.abort(); wake(); };
    const due = setTimeout(end, milliseconds);
    window.addEventListener("online", end, { signal: done.signal });
    alive.addEventListener("abort", end, { signal: done.signal });
    if (alive.aborted) end();
  });
}

/**
 * Wait until another key is kept, or the signal aborts.
 * @param {AbortSignal} alive
 * @returns {Promise<void>}
 */
export function untilKey(alive) {
  return new Promise((wake) => {
    const done = new AbortController();
    const refused = kept.value;
    const end = () => { done.abort(); wake(); };
    alive.addEventListener("abort", end, { signal: done.signal });
    kept.watch((key) => { if (key !== refused) end(); }, done.signal);
    if (alive.aborted) end();
  });
}

/** Waiting that ends when the view is left. */

/**
 * Return a controller that aborts with a signal, and before it if told to.
 * @param {AbortSignal} alive
 */
export function leaving(alive) {
  const leave = new AbortController();
  alive.addEventListener("abort", () => leave.abort(alive.reason), { once: true, signal: leave.signal });
  return leave;
}

/**
 * Wait until a function's argument is called; return what it is called with.
 * @template T
 * @param {(done: (value: T) => void) => void} begin
 * @param {AbortSignal} alive
 * @returns {Promise<T>} Rejected when the signal aborts.
 */
export function waitFor(begin, alive) {
  return new Promise((done, fail) => {
    if (alive.aborted) return fail(alive.reason);
    alive.addEventListener("abort", () => fail(alive.reason), { once: true });
    begin(done);
  });
}

/**
 * Keep the screen on until the signal aborts, in browsers that can.
 * @param {AbortSignal} alive
 */
export function keepAwake(alive) {
  const asked = navigator.wakeLock?.request("screen");
  asked?.then((lock) => {
    const release = () => void lock.release();
    if (alive.aborted) release();
    else alive.addEventListener("abort", release, { once: true });
  }).catch(() => {}); // a low battery may refuse
}

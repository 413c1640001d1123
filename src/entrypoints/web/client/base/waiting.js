/** What ends when the view is left: waiting, and what else runs until then. */

/**
 * Return a controller that aborts with the first of some signals, and before them if told to; `AbortSignal.any` is
 * missing in Safari before 17.4.
 * @param {...AbortSignal} signals
 */
export function leaving(...signals) {
  const leave = new AbortController();
  for (const one of signals) {
    if (one.aborted) leave.abort(one.reason);
    one.addEventListener("abort", () => leave.abort(one.reason), { once: true, signal: leave.signal });
  }
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
 * Wait some seconds.
 * @param {number} seconds
 * @param {AbortSignal} alive
 * @returns {Promise<void>} Rejected when the signal aborts.
 */
export function pause(seconds, alive) {
  return waitFor((done) => void setTimeout(done, seconds * 1000), alive);
}

/**
 * Call a function again and again until the signal aborts.
 * @param {number} milliseconds
 * @param {() => void} act
 * @param {AbortSignal} alive
 */
export function every(milliseconds, act, alive) {
  if (alive.aborted) return;
  const timer = setInterval(act, milliseconds);
  alive.addEventListener("abort", () => clearInterval(timer), { once: true });
}

/**
 * Call a function once nothing has moved for long.
 * @param {number} milliseconds
 * @param {() => void} stalled
 */
export function stallWatch(milliseconds, stalled) {
  let due = setTimeout(stalled, milliseconds);
  const end = () => clearTimeout(due);
  const moved = () => { end(); due = setTimeout(stalled, milliseconds); };
  return { moved, end };
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

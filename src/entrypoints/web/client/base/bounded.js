/** Doing many things, a few at a time. */

/**
 * Return a function that runs tasks in order, so many at once.
 * @param {number} most
 */
export function bounded(most) {
  /** @type {(() => Promise<void>)[]} */
  const waiting = [];
  let running = 0;
  const start = () => {
    for (let task; running < most && (task = waiting.shift()); ) {
      running += 1;
      void task().finally(() => { running -= 1; start(); });
    }
  };
  /**
   * @template T
   * @param {() => Promise<T>} task
   * @returns {Promise<T>}
   */
  return (task) => new Promise((answer, refuse) => {
    waiting.push(() => task().then(answer, refuse));
    start();
  });
}

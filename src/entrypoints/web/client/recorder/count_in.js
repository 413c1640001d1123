/** Counting in: 3, 2, 1, which can be skipped. */

import { waitFor } from "../base/waiting.js";

const COUNT = 3;
const BEAT_MS = 700;

/**
 * Count; the promise is rejected when the signal aborts.
 * @param {(left: number, skip: () => void) => void} tell Called with each number, and with what ends the counting.
 * @param {AbortSignal} alive
 */
export async function countIn(tell, alive) {
  let skipped = false;
  for (let left = COUNT; left > 0 && !skipped; left--) {
    await waitFor((done) => {
      tell(left, () => { skipped = true; done(null); });
      setTimeout(done, BEAT_MS, null);
    }, alive);
  }
}

/** How a recording comes to its end: somebody ends it, it is as long as can be, or the microphone goes away. */

import { LIMITS } from "../api/limits.js";
import { every, waitFor } from "../base/waiting.js";

/** @typedef {"stopped" | "limit" | "lost" | "hidden" | "left"} Ending Why a recording ended. */

const MARGIN_S = 0.5; // encoders round the length up, and the service refuses what is too long
const TICK_MS = 200;

/**
 * Wait until a recording ends; the promise is rejected when the signal aborts.
 * @param {MediaStream} stream
 * @param {{ begun: (end: (ending: Ending) => void) => void, passed: (seconds: number) => void }} tell What ends it, and
 *   how long it is by now.
 * @param {AbortSignal} alive
 * @returns {Promise<Ending>}
 */
export function untilItEnds(stream, { begun, passed }, alive) {
  const began = performance.now();
  return waitFor((done) => {
    begun(done);
    every(TICK_MS, () => {
      const seconds = (performance.now() - began) / 1000;
      passed(seconds);
      if (seconds >= LIMITS.longest_seconds - MARGIN_S) done("limit");
    }, alive);
    stream.getTracks().forEach((track) => track.addEventListener("ended", () => done("lost"), { signal: alive }));
  }, alive);
}

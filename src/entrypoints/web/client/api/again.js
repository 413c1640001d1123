/** Asking again for what the service refuses because it is too early. */

import { pause } from "../base/waiting.js";
import { Problem } from "./client.js";

const LONGEST_WAIT_S = 15;

/**
 * Repeat what was refused because it is too early, as often as is allowed.
 * @template T
 * @param {() => Promise<T>} attempt
 * @param {string} early The code of that.
 * @param {number} tries
 * @param {AbortSignal} alive
 * @returns {Promise<T>}
 * @throws What the last attempt throws, or one that is refused for something else.
 */
export async function again(attempt, early, tries, alive) {
  for (let left = tries; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== early || left <= 1) throw error;
      await pause(Math.min(error.retryAfter || 1, LONGEST_WAIT_S) * (1 + Math.random() / 4), alive);
    }
  }
}

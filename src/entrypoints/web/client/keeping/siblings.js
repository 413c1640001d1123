/** The other versions of a hum that are still there: they have a copy of its recording. */

import { Problem, readStatus } from "../api/client.js";
import { bounded } from "../base/bounded.js";
import { keptMoment } from "../device/moments.js";
import { familyOf } from "../versions/family.js";

/** @typedef {{ ids: readonly string[], first: boolean }} Others The oldest first; and whether the moment was before them all. */

const AT_ONCE = 4;
const HIGHEST = 16; // parents of parents that this device does not know
const LONGEST_MS = 4000;

/**
 * Return the versions that this device, or the service by their parents, knows. One of which the service does not say
 * within seconds that it is gone counts as there.
 * @param {string} id
 * @param {string | null} parent Of the moment, where the service has told it.
 * @param {AbortSignal} alive
 * @returns {Promise<Others>}
 */
export async function otherVersions(id, parent, alive) {
  const family = familyOf(id, parent);
  const above = await unlessLate(parentsOf(family[0], id, alive), /** @type {string[]} */ ([]));
  const all = [...new Set([...above, ...family])].filter((one) => one !== id);
  const ask = bounded(AT_ONCE);
  const there = await Promise.all(all.map((one) => unlessLate(ask(() => isThere(one, alive)), true)));
  return { ids: all.filter((_, index) => there[index]), first: !above.length && family[0] === id };
}

/**
 * Return the moments from which the oldest of a family was made, the oldest first, where this device does not list it.
 * @param {string} oldest
 * @param {string} id The moment of which the family was found.
 * @param {AbortSignal} alive
 */
async function parentsOf(oldest, id, alive) {
  /** @type {string[]} */
  const found = [];
  for (let next = oldest; next !== id && !keptMoment(next) && found.length < HIGHEST; found.unshift(next)) {
    const status = await readStatus(next, alive).catch(() => null);
    if (!status?.parent_id) break;
    next = status.parent_id;
  }
  return found;
}

/**
 * @param {string} id
 * @param {AbortSignal} alive
 */
async function isThere(id, alive) {
  try {
    await readStatus(id, alive);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false;
  }
  return true;
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @param {T} otherwise
 * @returns {Promise<T>}
 */
function unlessLate(answer, otherwise) {
  return Promise.race([answer, new Promise((/** @type {(value: T) => void} */ late) => setTimeout(late, LONGEST_MS, otherwise))]);
}

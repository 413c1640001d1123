/** Which moments are versions of the same hum, as far as this device knows: a remix names its parent. */

import { keptMoments } from "../device/moments.js";

const DEEPEST = 100;

/**
 * Return the moments from which one was made, the nearest first.
 * @param {string} id
 * @param {string | null} [parent] Of the moment, where the service has told it.
 * @returns {string[]}
 */
export function ancestorsOf(id, parent = null) {
  return climb(id, parent, parentsById());
}

/**
 * Return all versions of the hum of a moment, itself among them, the oldest first.
 * @param {string} id
 * @param {string | null} parent Of the moment, where the service has told it.
 * @returns {string[]}
 */
export function familyOf(id, parent) {
  const parents = parentsById();
  const line = [id, ...climb(id, parent, parents)].reverse();
  const kept = keptMoments().map((one) => one.id).reverse();
  const others = kept.filter((one) => [one, ...climb(one, null, parents)].some((member) => line.includes(member)));
  return [...new Set([line[0], ...others, ...line])];
}

/**
 * @param {string} id
 * @param {string | null} parent
 * @param {Map<string, string>} parents
 */
function climb(id, parent, parents) {
  const found = [];
  for (let next = parents.get(id) ?? parent; next && next !== id && found.length < DEEPEST; next = parents.get(next) ?? null) found.push(next);
  return found;
}

/** @returns {Map<string, string>} */
function parentsById() {
  return new Map(keptMoments().flatMap(({ id, parentId }) => (parentId ? [[id, parentId]] : [])));
}

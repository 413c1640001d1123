/** Moments and the remixes that were made of them. */

/** @import { Kept } from "../device/moments_text.js" */

/** @typedef {{ first: Kept, versions: Kept[] }} Family The moment that was there first, and all that came of it. */

/**
 * Return the families of a list, in the order of their newest member; versions are in the order in which they were made.
 * @param {readonly Kept[]} moments Newest first.
 * @returns {Family[]}
 */
export function familiesOf(moments) {
  const byId = new Map(moments.map((one) => [one.id, one]));
  /** @type {Map<string, Kept[]>} */
  const members = new Map();
  for (const one of moments) {
    const first = firstOf(one, byId).id;
    members.set(first, [one, ...members.get(first) ?? []]);
  }
  return [...members].map(([id, all]) => ({
    first: /** @type {Kept} */ (byId.get(id)), versions: all.filter((one) => one.id !== id),
  }));
}

/**
 * @param {Kept} moment
 * @param {ReadonlyMap<string, Kept>} byId
 */
function firstOf(moment, byId) {
  const passed = new Set();
  let first = moment;
  for (let parent; (parent = byId.get(first.parentId ?? "")); first = parent) {
    if (passed.has(parent.id)) return moment; // a file may list moments that are each other's parents
    passed.add(parent.id);
  }
  return first;
}

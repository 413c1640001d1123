/** The stages of a moment, as they are to be seen. */

/** @import { Status, Timing } from "../api/types.js" */

export const STAGES = /** @type {const} */ (["PENDING", "ANALYZING", "RENDERING", "MIXING", "COMPLETED"]);

/**
 * @typedef {object} Stage
 * @property {typeof STAGES[number]} name
 * @property {"done" | "now" | "todo" | "failed"} progress
 * @property {number | null} seconds How long it took, or has taken so far; null where that is not known.
 */

/**
 * Return the stages of a moment in order.
 * @param {Status} status
 * @param {number} now Milliseconds since 1970, by the clock of the service.
 * @returns {Stage[]}
 */
export function stagesOf(status, now) {
  const at = stageAt(status);
  return STAGES.map((name, index) => {
    const progress = index < at || status.status === "COMPLETED" ? "done" : index > at ? "todo" : stateOf(status);
    return { name, progress, seconds: progress === "todo" ? null : secondsOf(name, status, now) };
  });
}

/**
 * Return how long a moment took from the last time that it was queued, in seconds; null while it is made.
 * @param {Status} status
 */
export function secondsInAll({ timings = [], terminal }) {
  const begun = lastOf("PENDING", timings);
  const ends = timings.map(({ start, seconds }) => start + (seconds ?? 0));
  return terminal && begun ? Math.max(...ends) - begun.start : null;
}

/**
 * Return when the last of its stages ended, as far as it is known: milliseconds since 1970, by the clock of the service.
 * @param {Status} status
 */
export function endOf({ timings = [], created_at }) {
  return Date.parse(created_at) + 1000 * Math.max(0, ...timings.map(({ start, seconds }) => start + (seconds ?? 0)));
}

/**
 * Return the index of the stage that runs, or in which it ended; −1 for a state that this page does not know.
 * @param {Status} status
 */
function stageAt({ status, stage, timings = [] }) {
  const known = /** @type {readonly string[]} */ (STAGES);
  if (known.includes(status)) return known.indexOf(status);
  if (stage) return known.indexOf(stage);
  return Math.max(...timings.map(({ name }) => known.indexOf(name)), -1);
}

/** @param {Status} status */
function stateOf({ terminal, status }) {
  return !terminal ? "now" : status === "COMPLETED" ? "done" : "failed";
}

/**
 * @param {string} name
 * @param {Status} status
 * @param {number} now
 */
function secondsOf(name, { timings = [], created_at, terminal }, now) {
  const begun = lastOf("PENDING", timings);
  const found = lastOf(name, timings);
  if (!found || (begun && found.start < begun.start)) return null; // of an attempt before the retry
  if (found.seconds !== null) return found.seconds;
  return terminal ? null : Math.max(0, (now - Date.parse(created_at)) / 1000 - found.start);
}

/**
 * @param {string} name
 * @param {Timing[]} timings
 */
function lastOf(name, timings) {
  return timings.filter((timing) => timing.name === name).at(-1);
}

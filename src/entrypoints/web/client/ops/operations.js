/** What operators read and do: requests to `/v1/operations/`, with the operator's key where there is one. */

import { jobPath, jsonOf, send } from "../api/client.js";
import { operatorKey } from "./operator_key.js";

/** @import { Status } from "../api/types.js" */
/** @import { Delivery, DeliveryStats, Fleet, JobPage, Kind, Outcomes, Stats, Timeline } from "./types.js" */

const MOST_JOBS = 100; // that one request may name

/**
 * @param {string} path
 * @param {{ json?: unknown, method?: string, alive?: AbortSignal }} [options]
 */
const asked = async (path, options = {}) =>
  jsonOf(await send(path, { ...options, key: operatorKey() }), options.alive);

/**
 * @param {string} action
 * @param {unknown} json
 */
const told = (action, json) => asked(`/v1/operations/${action}`, { method: "POST", json });

/** @param {AbortSignal} alive @returns {Promise<Stats>} */
export const readStats = (alive) => asked("/v1/operations/stats", { alive });

/** @param {AbortSignal} alive @returns {Promise<Fleet>} */
export const readFleet = (alive) => asked("/v1/operations/workers", { alive });

/** @param {AbortSignal} alive @returns {Promise<DeliveryStats>} */
export const readDeliveries = (alive) => asked("/v1/operations/deliveries", { alive });

/** @param {URLSearchParams} query @param {AbortSignal} alive @returns {Promise<JobPage>} */
export const listJobs = (query, alive) => asked(`/v1/operations/jobs?${query}`, { alive });

/** @param {string} id @param {AbortSignal} alive @returns {Promise<Timeline>} */
export const readTimeline = (id, alive) => asked(`/v1/operations/jobs/${encodeURIComponent(id)}`, { alive });

/** What its musician sees, with links to its files. @param {string} id @param {AbortSignal} alive @returns {Promise<Status>} */
export const readMoment = (id, alive) => asked(jobPath(id), { alive });

/** @param {Kind} kind */
export const pause = (kind) => told("pause", { kinds: [kind] });

/** @param {Kind} kind */
export const resume = (kind) => told("resume", { kinds: [kind] });

/** @param {string} job @param {string} delivery @returns {Promise<Delivery>} */
export const sendAgain = (job, delivery) =>
  asked(`${jobPath(job)}/deliveries/${encodeURIComponent(delivery)}/redeliver`, { method: "POST" });

/**
 * Retry the newest failed jobs: of a code, or without one those that may do better.
 * @param {string} code Or "".
 * @param {boolean} dryRun Whether only to tell which they are.
 * @returns {Promise<Outcomes>}
 */
export const retryFailed = (code, dryRun) => told("retry-failed", { ...(code ? { code } : {}), dry_run: dryRun });

/**
 * Do something with jobs, however many; return what became of each.
 *
 * If a request fails, those before it have been carried out: the error goes to the jobs that it was for.
 * @param {"cancel" | "retry" | "delete"} action
 * @param {string[]} ids
 * @returns {Promise<import("./types.js").Outcome[]>}
 */
export async function act(action, ids) {
  const outcomes = [];
  for (let first = 0; first < ids.length; first += MOST_JOBS) {
    const some = ids.slice(first, first + MOST_JOBS);
    outcomes.push(...(await actOn(action, some)));
  }
  return outcomes;
}

/**
 * @param {string} action
 * @param {string[]} ids
 * @returns {Promise<import("./types.js").Outcome[]>}
 */
async function actOn(action, ids) {
  try {
    return (await told(action, { job_ids: ids })).outcomes;
  } catch (problem) {
    const { code = "", message, retryable = true } = /** @type {import("../api/client.js").Problem} */ (problem);
    return ids.map((id) => ({ job_id: id, status: null, error: { code, message, retryable } }));
  }
}

/** Reading the status of a job, which is sent only if it has changed. */

import { answerTo, jobPath, jsonOf } from "./client.js";

/** @import { Status } from "./types.js" */

/**
 * @typedef {object} Reading
 * @property {Status | null} status Null if it is as it was.
 * @property {string} etag Names it.
 * @property {number} again After how many seconds the service wants to be asked again.
 * @property {number | null} ahead Milliseconds by which the service's clock is ahead of ours; null if it does not say.
 */

/**
 * Read a status unless it is still the one that an ETag names.
 * @param {string} id
 * @param {string} known The ETag, or "".
 * @param {AbortSignal} [alive]
 * @returns {Promise<Reading>}
 * @throws {import("./client.js").Problem}
 */
export async function readChange(id, known, alive) {
  const headers = /** @type {Record<string, string>} */ (known ? { "If-None-Match": known } : {});
  const answer = await answerTo(jobPath(id), { headers, alive });
  const clock = Date.parse(answer.headers.get("Date") ?? "");
  return {
    status: answer.status === 304 ? null : await jsonOf(answer, alive),
    etag: answer.headers.get("ETag") ?? known,
    again: Number(answer.headers.get("Retry-After") ?? 1),
    ahead: Number.isNaN(clock) ? null : clock - Date.now(),
  };
}

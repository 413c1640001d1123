/** What is asked of the API about files, links and the end of a moment. */

import { again } from "../api/again.js";
import { jobPath, request } from "../api/client.js";

/** @typedef {{ artifact?: string, format?: string, saveAs?: string }} FileWish `format` is of the music. */

const MAKING_TRIES = 8;
const STOPPING_TRIES = 12;
const WAIT_SECONDS = 20;

/**
 * Return the address that leads to a file for as long as the moment is kept.
 * @param {string} id
 * @param {FileWish} wish
 */
export function addressOf(id, { artifact, format, saveAs }) {
  const wanted = Object.entries({ artifact, format, download: saveAs }).filter(([, value]) => value);
  return `${jobPath(id)}/audio?${new URLSearchParams(/** @type {[string, string][]} */ (wanted))}`;
}

/**
 * Return a URL of a file that needs no key; a format that is not there yet is made first.
 * @param {string} id
 * @param {FileWish} wish
 * @param {AbortSignal} alive
 * @returns {Promise<string>}
 * @throws {import("../api/client.js").Problem}
 */
export async function signedUrl(id, wish, alive) {
  const address = `${addressOf(id, wish)}&redirect=false`;
  const headers = { Prefer: `wait=${WAIT_SECONDS}` };
  return again(async () => (await request(address, { headers, alive })).url, "artifact_not_ready", MAKING_TRIES, alive);
}

/**
 * Make the link to the music for everybody, or return the one that there is.
 * @param {string} id
 * @param {AbortSignal} alive
 * @returns {Promise<string>}
 * @throws {import("../api/client.js").Problem}
 */
export async function share(id, alive) {
  return (await request(`${jobPath(id)}/share`, { method: "POST", alive })).url;
}

/**
 * Revoke the link to the music.
 * @param {string} id
 * @param {AbortSignal} alive
 * @throws {import("../api/client.js").Problem}
 */
export async function unshare(id, alive) {
  await request(`${jobPath(id)}/share`, { method: "DELETE", alive });
}

/**
 * Delete a moment and all its files; one that is being made is stopped first, which may take a while.
 * @param {string} id
 * @param {AbortSignal} alive
 * @throws {import("../api/client.js").Problem}
 */
export async function deleteJob(id, alive) {
  await again(() => request(jobPath(id), { method: "DELETE", alive }), "job_stopping", STOPPING_TRIES, alive);
}

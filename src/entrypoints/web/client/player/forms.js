/** In which form a file is fetched: stems small, where the service makes them so, and all as the browser can decode. */

import { jobPath, problemOf } from "../api/client.js";
import { keyHeaders } from "../api/key.js";

/** @import { Moment } from "../moments/moment.js" */

const SMALL = "m4a_44100_128"; // AAC is what every browser decodes
const COMMON = "mp3_44100_128";
const SMALL_ENOUGH = 1_000_000;
const WAIT_SECONDS = 20;
const TRIES = 3;

/**
 * Yield the names of the forms of a file that are worth a try, best first.
 * @param {Moment} moment
 * @param {string} name Of the artifact.
 * @param {AbortSignal} alive
 */
export async function* formsOf(moment, name, alive) {
  const bytes = moment.artifacts.value.get(name)?.bytes ?? 0;
  const small = name !== "final" && bytes > SMALL_ENOUGH && await made(moment, name, SMALL, alive);
  if (small) yield small;
  yield name;
  const common = name === "final" && await made(moment, name, COMMON, alive);
  if (common) yield common;
}

/**
 * Have a form made; return its name, or null where there is none.
 * @param {Moment} moment
 * @param {string} name
 * @param {string} format
 * @param {AbortSignal} alive
 */
async function made(moment, name, format, alive) {
  const form = `${name}_${format}`;
  const path = `${jobPath(moment.id)}/audio?artifact=${name}&format=${format}`;
  const headers = { ...keyHeaders(), Prefer: `wait=${WAIT_SECONDS}` };
  for (let tries = 0; moment.status.value?.status === "COMPLETED" && tries < TRIES; tries++) {
    if (moment.artifacts.value.has(form)) return form;
    // not followed: the store's CORS rule need not allow our headers
    const answer = await fetch(path, { headers, redirect: "manual", signal: alive }).catch(() => null); // the network may change
    alive.throwIfAborted();
    if (answer?.type === "opaqueredirect") await moment.refresh(alive);
    else if (answer && (await problemOf(answer)).code !== "artifact_not_ready") return null;
  }
  return moment.artifacts.value.has(form) ? form : null;
}

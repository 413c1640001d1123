/** Fetches files of a moment: with progress, within bounds, and with a fresh URL where the first has expired. */

import { leaving, stallWatch } from "../base/waiting.js";

/** @import { Moment } from "../moments/moment.js" */

const MOST_BYTES = 150_000_000;
const STALLED_MS = 20_000;
const TRIES = 2;

/** A file that scripts cannot read: it is not there, or its store has no CORS rule for this page. */
export class Unreadable extends Error {}

/**
 * Return the bytes of a file of a moment.
 * @param {Moment} moment
 * @param {string} name Of the artifact.
 * @param {(part: number) => void} progress Called with 0–1.
 * @param {AbortSignal} alive
 * @returns {Promise<ArrayBuffer>}
 * @throws {Unreadable}
 */
export async function fetchSound(moment, name, progress, alive) {
  for (let tries = 1; ; tries++) {
    const file = moment.artifacts.value.get(name);
    try {
      if (file) return await download(file.url, progress, alive);
    } catch (error) {
      if (alive.aborted || tries >= TRIES) throw error;
    }
    if (tries >= TRIES) throw new Unreadable(`there is no ${name}`);
    await moment.refresh(alive); // a signed URL expires
  }
}

/**
 * @param {string} url
 * @param {(part: number) => void} progress
 * @param {AbortSignal} alive
 */
async function download(url, progress, alive) {
  const stop = leaving(alive);
  const watch = stallWatch(STALLED_MS, () => stop.abort());
  try {
    return await read(await open(url, stop.signal), (part) => { watch.moved(); progress(part); });
  } finally {
    watch.end();
    stop.abort();
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function open(url, signal) {
  try {
    const answer = await fetch(url, { signal });
    if (answer.ok) return answer;
    throw new Unreadable(`the store answered ${answer.status}`);
  } catch (error) {
    if (signal.aborted || error instanceof Unreadable) throw error;
    throw new Unreadable("the store does not let this page read");
  }
}

/**
 * @param {Response} answer
 * @param {(part: number) => void} progress
 */
async function read(answer, progress) {
  const length = Number(answer.headers.get("Content-Length"));
  const reader = answer.body?.getReader();
  if (!reader || length > MOST_BYTES) throw new Unreadable("the file is too large");
  const blocks = [];
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(blocks).arrayBuffer();
    blocks.push(value);
    size += value.length;
    if (size > MOST_BYTES) throw new Unreadable("the file is too large");
    progress(length ? Math.min(1, size / length) : 0);
  }
}

/** Recordings that were made with this browser: those of moments, and the one that is not sent yet. */

import { Signal } from "../base/signal.js";
import { inRecordings } from "./database.js";

/** @import { PitchPoint } from "../roll/notes.js" */

/** @typedef {{ recording: Blob, points: PitchPoint[] }} KeptRecording */

/**
 * What is sent, and was perhaps accepted: sent again, it must be the same in everything.
 * @typedef {object} Order
 * @property {string} idempotencyKey
 * @property {Blob} recording
 * @property {string} name
 * @property {PitchPoint[]} points
 * @property {{ from: number, to: number }} part Seconds of the take.
 * @property {string} style "" leaves it to the service.
 * @property {"preview" | "song"} outputKind
 */

/**
 * A take that was not accepted yet.
 * @typedef {object} Unsent
 * @property {Blob} recording
 * @property {string} name
 * @property {{ from: number, to: number }} [part] Seconds of it that are to be sent.
 * @property {Order} [order]
 */

const MOST = 20;
const MOST_BYTES = 100_000_000; // of all together: a hum has some 100 kB, but files have what they have
const UNSENT = "unsent";

/** The take that is not sent yet, where this browser keeps nothing. @type {Unsent | null} */
let inMemory = null;

/** Whether it ends with the page. */
export const unkept = new Signal(false);

/**
 * Keep the recording of a moment; the oldest leave where there are many, or where they are large.
 * @param {string} id Of the job.
 * @param {KeptRecording} kept
 */
export async function keepRecording(id, { recording, points }) {
  await inRecordings("readwrite", (store) => {
    store.put({ id, at: Date.now(), recording, points });
    removeOldest(store);
  });
}

/**
 * @param {string} id Of the job.
 * @returns {Promise<KeptRecording | null>}
 */
export async function recordingOf(id) {
  const found = await inRecordings("readonly", (store) => store.get(id));
  return found ? { recording: found.recording, points: found.points } : null;
}

/** @param {string} id Of the job. */
export async function forgetRecording(id) {
  await inRecordings("readwrite", (store) => store.delete(id));
}

/**
 * Keep the take that is not sent yet, so that it outlasts the view, and the page where that is possible.
 * @param {Unsent} take
 */
export async function keepUnsent(take) {
  inMemory = take;
  const found = await inRecordings("readwrite", (store) => store.put({ ...take, id: UNSENT, at: Number.MAX_SAFE_INTEGER }));
  if (inMemory !== take) return; // there is a newer one
  if (found) inMemory = null;
  unkept.value = !found;
}

/** @returns {Promise<Unsent | null>} */
export async function unsentTake() {
  return inMemory ?? (await inRecordings("readonly", (store) => store.get(UNSENT))) ?? null;
}

export async function forgetUnsent() {
  inMemory = null;
  unkept.value = false;
  await forgetRecording(UNSENT);
}

/** @param {IDBObjectStore} store */
function removeOldest(store) {
  let [left, room] = [MOST, MOST_BYTES];
  const walking = store.index("at").openCursor(null, "prev");
  walking.onsuccess = () => {
    const found = walking.result;
    if (!found) return;
    if (found.value.id !== UNSENT) {
      left -= 1;
      room -= found.value.recording.size;
      if (left < 0 || room < 0) found.delete();
    }
    found.continue();
  };
}

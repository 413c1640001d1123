/** The hum of a moment: from this device where it was recorded here, else from the service. */

import { recordingOf } from "../device/recordings.js";
import { ancestorsOf } from "../versions/family.js";

/** @import { Moment } from "../moments/moment.js" */
/** @import { Hum } from "./note_editor.js" */

/**
 * Return a function that finds the hum once, when it is first asked for.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 * @returns {() => Promise<Hum>}
 */
export function humOf(moment, alive) {
  /** @type {Promise<Hum> | null} */
  let found = null;
  return () => (found ??= find(moment, alive));
}

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 * @returns {Promise<Hum>}
 */
async function find(moment, alive) {
  for (const id of [moment.id, ...ancestorsOf(moment.id)]) {
    const kept = await recordingOf(id).catch(() => null); // a private window may have no store
    if (kept) return { recording: Promise.resolve(kept.recording), points: kept.points };
  }
  /** @type {Promise<Blob | null> | null} */
  let recording = null;
  return { get recording() { return (recording ??= fetched(moment.status.value?.original_audio_url ?? null, alive)); }, points: [] };
}

/**
 * Return a recording; null where there is none, or where its store lets no page read it.
 * @param {string | null} url
 * @param {AbortSignal} alive
 */
async function fetched(url, alive) {
  if (!url) return null;
  const answer = await fetch(url, { signal: alive }).catch(() => null);
  return answer?.ok ? answer.blob() : null;
}

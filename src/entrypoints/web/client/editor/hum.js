/** The hum of a moment: from this device where it was recorded here, else from the service. */

import { fetchSound } from "../player/fetch_sound.js";
import { recordingOfHum } from "../versions/hum_recording.js";

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
  const kept = await recordingOfHum(moment.id, moment.status.value?.parent_id);
  if (kept) return { recording: Promise.resolve(kept.recording), points: kept.points };
  /** @type {Promise<Blob | null> | null} */
  let recording = null;
  const fetched = () => fetchSound(moment, "original", () => {}, alive).then((bytes) => new Blob([bytes]), () => {
    recording = null; // the next one who wants it tries again
    return null;
  });
  return { get recording() { return (recording ??= fetched()); }, points: [] };
}

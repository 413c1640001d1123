/** The recording of a hum, which all its versions share: this device keeps it by the version that was made of it first. */

import { recordingOf } from "../device/recordings.js";
import { ancestorsOf } from "./family.js";

/** @import { KeptRecording } from "../device/recordings.js" */

/**
 * Return the recording that a moment was made of, where this device has it.
 * @param {string} id
 * @param {string | null} [parent] Of the moment, where the service has told it.
 * @returns {Promise<KeptRecording | null>}
 */
export async function recordingOfHum(id, parent = null) {
  for (const version of [id, ...ancestorsOf(id, parent)]) {
    const kept = await recordingOf(version);
    if (kept) return kept;
  }
  return null;
}

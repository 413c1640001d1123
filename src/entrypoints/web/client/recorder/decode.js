/** Recordings as samples. */

import { toldLength } from "./length.js";

const RATE = 44_100;
const UNTOLD_BYTES = 4_000_000; // of a file that does not tell its length: minutes, as browsers record
const MOST_BYTES = 40_000_000; // beyond that, a phone may run out of memory
const MOST_S = 300; // 106 MB of samples in stereo

/** Mono samples between -1 and 1. @typedef {{ samples: Float32Array, rate: number }} Sound */

/**
 * Return the sound of a recording and its length in seconds.
 *
 * The sound is null where this browser cannot read it, or where its samples would take too much memory; the service may
 * read it all the same. The length is 0 where it is not known.
 * @param {Blob} recording
 * @returns {Promise<{ sound: Sound | null, seconds: number }>}
 */
export async function decode(recording) {
  const told = await toldLength(recording);
  const sound = fits(recording.size, told) ? await samplesOf(recording) : null;
  return { sound, seconds: sound ? sound.samples.length / sound.rate : told ?? 0 };
}

/**
 * Return whether the samples of a file may be held in memory.
 * @param {number} bytes
 * @param {number | null} seconds Null where they are not known.
 */
export function fits(bytes, seconds) {
  return seconds === null ? bytes <= UNTOLD_BYTES : bytes <= MOST_BYTES && seconds <= MOST_S;
}

/**
 * @param {Blob} recording
 * @returns {Promise<Sound | null>}
 */
async function samplesOf(recording) {
  try {
    const context = new OfflineAudioContext(1, 1, RATE); // it needs no click, unlike one that plays
    const buffer = await context.decodeAudioData(await recording.arrayBuffer());
    return { samples: monoOf(buffer), rate: buffer.sampleRate };
  } catch {
    return null;
  }
}

/** @param {AudioBuffer} buffer */
function monoOf(buffer) {
  const { numberOfChannels: count } = buffer;
  const samples = buffer.getChannelData(0).slice();
  for (let channel = 1; channel < count; channel++) {
    const others = buffer.getChannelData(channel);
    for (let index = 0; index < samples.length; index++) samples[index] += others[index];
  }
  if (count > 1) for (let index = 0; index < samples.length; index++) samples[index] /= count;
  return samples;
}

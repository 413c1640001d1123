/** Recordings as samples. */

const RATE = 44_100;
const MOST_BYTES = 40_000_000; // beyond that, a phone may run out of memory

/** Mono samples between -1 and 1. @typedef {{ samples: Float32Array, rate: number }} Sound */

/**
 * Return the sound of a recording, or null where this browser cannot read it; the service may.
 * @param {Blob} recording
 * @returns {Promise<Sound | null>}
 */
export async function decode(recording) {
  if (recording.size > MOST_BYTES) return null;
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
  const samples = buffer.getChannelData(0).slice();
  for (let channel = 1; channel < buffer.numberOfChannels; channel++) {
    buffer.getChannelData(channel).forEach((sample, index) => { samples[index] += sample; });
  }
  return buffer.numberOfChannels > 1 ? samples.map((sample) => sample / buffer.numberOfChannels) : samples;
}

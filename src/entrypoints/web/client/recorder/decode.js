/** Recordings as samples, and samples as files. */

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

/**
 * Return a WAV of 16 bits (RIFF, Multimedia Programming Interface and Data Specifications 1.0).
 * @param {Sound} sound
 */
export function wavOf({ samples, rate }) {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (/** @type {number} */ at, /** @type {string} */ name) => [...name].forEach((letter, index) => bytes.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true); // PCM
  bytes.setUint16(22, 1, true); // channel
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 2 * rate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, index) => bytes.setInt16(44 + 2 * index, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return new Blob([bytes.buffer], { type: "audio/wav" });
}

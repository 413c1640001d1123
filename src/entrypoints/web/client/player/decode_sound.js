/** Decodes files into samples, and keeps them small: sounds that are the same on both sides are kept once. */

import { RATE } from "./audio_context.js";

const LOOKED_AT = 4096;

/** A file that this browser cannot decode, such as Opus or FLAC in older ones of Apple. */
export class Undecodable extends Error {}

/**
 * Return the samples of a file; it is detached.
 * @param {ArrayBuffer} bytes
 * @param {{ mono?: boolean }} [wishes] `mono` keeps the mean of both sides, which takes half the memory.
 * @throws {Undecodable}
 */
export async function decodeSound(bytes, { mono = false } = {}) {
  // needs no gesture, unlike a context that plays
  const decoder = new OfflineAudioContext(1, 1, RATE);
  const sound = await decoder.decodeAudioData(bytes).catch((error) => { throw new Undecodable(String(error)); });
  if (sound.numberOfChannels === 1) return sound;
  if (isMono(sound)) return only(sound, sound.getChannelData(0));
  return mono ? only(sound, mean(sound)) : sound;
}

/** @param {AudioBuffer} sound */
function isMono(sound) {
  const [left, right] = [sound.getChannelData(0), sound.getChannelData(1)];
  const step = Math.max(1, Math.floor(left.length / LOOKED_AT));
  for (let at = 0; at < left.length; at += step) if (left[at] !== right[at]) return false;
  return left.every((sample, at) => sample === right[at]);
}

/** @param {AudioBuffer} sound */
function mean(sound) {
  const [left, right] = [sound.getChannelData(0), sound.getChannelData(1)];
  for (let at = 0; at < left.length; at++) left[at] = (left[at] + right[at]) / 2;
  return left;
}

/**
 * @param {AudioBuffer} sound
 * @param {Float32Array<ArrayBuffer>} samples
 */
function only({ length, sampleRate }, samples) {
  const smaller = new AudioBuffer({ length, sampleRate, numberOfChannels: 1 });
  smaller.copyToChannel(samples, 0);
  return smaller;
}

/** Sound from the microphone, block by block, with its level and its pitch. */

import { t } from "../base/text.js";
import { PitchTracker, rootMeanSquare } from "./pitch.js";

/** @import { PitchPoint } from "../roll/notes.js" */

/**
 * @typedef {object} Block
 * @property {number} at Seconds since the first block.
 * @property {number} rms Of full scale.
 * @property {number} peak Of full scale.
 * @property {PitchPoint[]} points What became known of the pitch, by the same clock.
 */

const WORKLET = new URL("./capture_worklet.js", import.meta.url).href;

/**
 * Pass a stream's sound on until the signal aborts, which also closes the context.
 * @param {AudioContext} context Made in the handler of a click: Safari starts no other.
 * @param {MediaStream} stream
 * @param {(block: Block) => void} heard
 * @param {AbortSignal} alive
 */
export async function hear(context, stream, heard, alive) {
  await context.audioWorklet.addModule(WORKLET).catch(() => { throw new Error(t("error.not_loaded")); });
  alive.throwIfAborted();
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  capture.port.onmessage = measuring(context.sampleRate, heard);
  context.createMediaStreamSource(stream).connect(capture);
  context.onstatechange = () => { if (context.state === "suspended") void context.resume().catch(() => {}); }; // after a call, in Safari
  void context.resume().catch(() => {}); // not awaited: where it is not allowed, some browsers never answer
  alive.addEventListener("abort", () => { capture.port.onmessage = null; }, { once: true });
}

/**
 * @param {number} rate
 * @param {(block: Block) => void} heard
 */
function measuring(rate, heard) {
  const tracker = new PitchTracker(rate);
  let first = NaN;
  return (/** @type {MessageEvent<{ samples: Float32Array, at: number }>} */ { data: { samples, at } }) => {
    if (Number.isNaN(first)) first = at;
    heard({ at: at - first, rms: rootMeanSquare(samples), peak: peakOf(samples), points: tracker.push(samples) });
  };
}

/** @param {Float32Array} samples */
function peakOf(samples) {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

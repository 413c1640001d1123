/** A take: a recording before it is sent, with what this browser can tell of it. */

import { LIMITS } from "../api/limits.js";
import { wavOf } from "../base/wav.js";
import { decode } from "./decode.js";
import { pitchOf } from "./pitch.js";

/** @import { PitchPoint } from "../roll/notes.js" */
/** @import { Sound } from "./decode.js" */

/**
 * @typedef {object} Take
 * @property {Blob} recording
 * @property {string} name Of its file.
 * @property {PitchPoint[]} points By the clock of the recording.
 * @property {Sound | null} sound Null where this browser cannot read the file, or where it is too large for that.
 * @property {number} seconds 0 where they are not known.
 */

/** @typedef {{ from: number, to: number }} Part Seconds of a take. */

const MARGIN_S = 0.05;

/**
 * Return the take of a file.
 * @param {Blob} recording
 * @param {string} name
 * @param {AbortSignal} alive
 * @returns {Promise<Take>}
 */
export async function takeOf(recording, name, alive) {
  const { sound, seconds } = await decode(recording);
  const points = sound ? await pitchOf(sound.samples, sound.rate, alive) : [];
  return { recording, name, sound, seconds, points };
}

/**
 * Return all of a take that may be sent.
 * @param {Take} take
 * @returns {Part}
 */
export function longestPart({ seconds }) {
  return { from: 0, to: seconds > LIMITS.longest_seconds ? LIMITS.longest_seconds - MARGIN_S : seconds };
}

/**
 * Return a part of a take as a file with its pitch: the recording as it is, if that is all of it; else a WAV.
 * @param {Take} take
 * @param {Part} part
 * @returns {{ recording: Blob, name: string, points: PitchPoint[] }}
 */
export function partOf(take, { from, to }) {
  const { recording, name, sound, points, seconds } = take;
  if (!sound || (from <= 0 && to >= seconds)) return { recording, name, points };
  const samples = sound.samples.subarray(Math.round(from * sound.rate), Math.round(to * sound.rate));
  const inside = points.filter(({ at }) => at >= from && at < to);
  return {
    recording: wavOf({ samples, rate: sound.rate }),
    name: `${name.replace(/\.\w+$/, "")}.wav`,
    points: inside.map(({ at, pitch }) => ({ at: at - from, pitch })),
  };
}

/**
 * Return whether there is a tune in a take, as far as this browser can tell.
 * @param {Take} take
 */
export function hasTune({ sound, points }) {
  return !sound || points.some(({ pitch }) => pitch !== null);
}

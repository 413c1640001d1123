/** A simple instrument, so that an edit is heard before it is made. */

/** @import { Note } from "../roll/notes.js" */

const [ATTACK, RELEASE] = [0.012, 0.06]; // seconds
const LOUD = 0.28;
const A4 = { pitch: 69, hertz: 440 };

/**
 * Play a note.
 * @param {AudioNode} out
 * @param {Note} note Its start is a time of the context.
 */
export function playNote(out, { start, duration, pitch }) {
  const { context } = out;
  const from = Math.max(start, context.currentTime);
  const until = Math.max(start + duration, from + ATTACK + RELEASE);
  const swell = new GainNode(context, { gain: 0 });
  swell.gain.setValueAtTime(0, from);
  swell.gain.linearRampToValueAtTime(LOUD, from + ATTACK);
  swell.gain.setTargetAtTime(LOUD * 0.6, from + ATTACK, 0.15);
  swell.gain.setTargetAtTime(0, until - RELEASE, RELEASE / 3);
  const tone = new OscillatorNode(context, { type: "triangle", frequency: A4.hertz * 2 ** ((pitch - A4.pitch) / 12) });
  tone.connect(swell).connect(out);
  tone.start(from);
  tone.stop(until + RELEASE);
  tone.onended = () => swell.disconnect();
}

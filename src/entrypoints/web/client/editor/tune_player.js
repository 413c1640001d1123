/** Plays the edited notes, as they are at each moment, and the hum along with them. */

import { Signal } from "../base/signal.js";
import { every } from "../base/waiting.js";
import { claimSound, releaseSound } from "../player/one_at_a_time.js";
import { endOf } from "./note_edits.js";
import { playNote } from "./synth.js";

/** @import { Notes } from "./note_edits.js" */

const AHEAD = 0.15; // seconds that are given to the sound card before they are heard
const TICK_MS = 40;
const SOON = 0.06;
const HUM_LEVEL = 0.5;

export class TunePlayer {
  /** Seconds of the tune, where it plays or would begin. @type {Signal<number>} */
  time = new Signal(0);
  playing = new Signal(false);
  #alive;
  /** @type {AudioContext | null} */ #context = null;
  /** @type {AbortController | null} */ #run = null;

  /** @param {AbortSignal} alive */
  constructor(alive) {
    this.#alive = alive;
    alive.addEventListener("abort", () => { this.stop(); void this.#context?.close(); }, { once: true });
  }

  /** Let a pitch sound shortly. @param {number} pitch */
  tone(pitch) {
    if (this.playing.value) return; // it is heard among the others
    const context = this.#opened();
    playNote(context.destination, { start: context.currentTime, duration: 0.25, pitch });
  }

  /**
   * Play from `time` on, to the end of the notes.
   * @param {() => Notes} notes Asked again and again: what is edited meanwhile is heard.
   * @param {Promise<Blob | null>} [hum] Played along, as soon as it is there.
   */
  play(notes, hum) {
    this.stop();
    const context = this.#opened();
    const run = (this.#run = new AbortController());
    const out = new GainNode(context);
    out.connect(context.destination);
    const from = this.time.value >= lengthOf(notes()) - 0.05 ? 0 : this.time.value;
    const zero = context.currentTime + SOON - from; // when the tune would have begun
    run.signal.addEventListener("abort", () => out.disconnect(), { once: true });
    this.playing.value = true;
    claimSound(this);
    this.#scheduleAll(notes, { out, zero, from }, run.signal);
    void hum?.then((blob) => blob && playAlong(blob, { out, zero }, run.signal)).catch(() => {}); // then without it
  }

  stop() {
    this.#run?.abort();
    this.#run = null;
    this.playing.value = false;
    releaseSound(this);
  }

  /** Something else is to sound. */
  pause() {
    this.stop();
  }

  /**
   * @param {() => Notes} notes
   * @param {{ out: AudioNode, zero: number, from: number }} where
   * @param {AbortSignal} running
   */
  #scheduleAll(notes, { out, zero, from }, running) {
    let done = from;
    const tick = () => {
      const now = out.context.currentTime - zero;
      const until = now + AHEAD;
      for (const note of notes().filter(({ start }) => start >= done && start < until)) playNote(out, { ...note, start: zero + note.start });
      done = Math.max(done, until);
      if (now > lengthOf(notes()) + 0.1) this.#end();
    };
    const show = () => {
      if (running.aborted) return;
      this.time.value = Math.max(from, out.context.currentTime - zero);
      requestAnimationFrame(show);
    };
    every(TICK_MS, tick, running);
    tick();
    show();
  }

  #end() {
    this.stop();
    this.time.value = 0;
  }

  #opened() {
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    if (this.#context.state !== "running" && !this.#alive.aborted) void this.#context.resume();
    return this.#context;
  }
}

/**
 * @param {Blob} recording
 * @param {{ out: AudioNode, zero: number }} where
 * @param {AbortSignal} running
 */
async function playAlong(recording, { out, zero }, running) {
  const context = /** @type {AudioContext} */ (out.context);
  const buffer = await context.decodeAudioData(await recording.arrayBuffer());
  if (running.aborted) return;
  const source = new AudioBufferSourceNode(context, { buffer });
  const late = context.currentTime + 0.02;
  source.connect(new GainNode(context, { gain: HUM_LEVEL })).connect(out);
  source.start(Math.max(late, zero), Math.max(0, late - zero));
  running.addEventListener("abort", () => source.stop(), { once: true });
}

/** @param {Notes} notes */
function lengthOf(notes) {
  const last = notes[notes.length - 1];
  return last ? endOf(last) : 0;
}

/**
 * Plays several tracks of one piece, synchronous to the sample.
 *
 * Whatever changes where the music is (start, seek, loop) begins a new run: every track gets a new source, and all of
 * them start at the same frame of the audio clock. Levels, mute and solo are gains behind the sources and move nothing.
 * A track that comes later is started at a frame and with an offset that follow from the run.
 */

import { Run } from "./run.js";
import { softClip } from "./soft_clip.js";
import { Track } from "./track.js";

/** @import { FrameSpan } from "./run.js" */

/** @typedef {{ start: number, end: number }} Span A stretch of the music, in seconds. */
/** @typedef {"mix" | "stems"} Bus The finished mix, or what it is made of. */

const AHEAD_SECONDS = 0.04; // the time that the main thread has to start all tracks
const GLIDE_SECONDS = 0.015;
const TRIES = 4;

export class Deck {
  /** @type {Map<string, Track>} */ #tracks = new Map();
  /** @type {Record<Bus, GainNode>} */ #buses;
  /** @type {Run | null} */ #run = null;

  /**
   * @param {BaseAudioContext} context
   * @param {() => void} ended Called when the last track has come to its end.
   */
  constructor(context, ended = () => {}) {
    this.context = context;
    this.rate = context.sampleRate;
    this.ended = ended;
    this.output = new GainNode(context);
    this.output.connect(context.destination);
    this.#buses = { mix: new GainNode(context), stems: new GainNode(context, { gain: 0 }) };
    this.#buses.mix.connect(this.output);
    softClip(this.#buses.stems, this.output);
  }

  /** Seconds of the longest track. */
  get length() {
    return Math.max(0, ...[...this.#tracks.values()].map(({ buffer }) => buffer.length)) / this.rate;
  }

  /**
   * Return where the music is, or was or will be, in seconds.
   * @param {number} [clock] Frame of the audio clock; now, if it is left out.
   */
  positionAt(clock = Math.round(this.context.currentTime * this.rate)) {
    return (this.#run?.frameAt(clock) ?? 0) / this.rate;
  }

  /** Seconds of the music that come out of the loudspeaker now: headphones without a cable take a while. */
  get heard() {
    const { currentTime, outputLatency = 0 } = /** @type {AudioContext} */ (this.context);
    return this.positionAt(Math.round((currentTime - outputLatency) * this.rate));
  }

  /**
   * The first frame of the audio clock at which something can start.
   * @returns {number}
   */
  get soon() {
    return Math.ceil((this.context.currentTime + AHEAD_SECONDS) * this.rate);
  }

  /**
   * Add a track; where the music runs, it joins in.
   * @param {string} name
   * @param {Bus} bus
   * @param {AudioBuffer} buffer
   * @param {number} [level] A factor.
   */
  add(name, bus, buffer, level = 1) {
    const track = new Track(buffer, this.#buses[bus], level, (run) => this.#over(run));
    this.#tracks.set(name, track);
    if (this.#run) track.sound(this.#run, this.soon);
  }

  /**
   * Take a track away.
   * @param {string} name
   */
  remove(name) {
    this.#tracks.get(name)?.silence(this.soon);
    this.#tracks.delete(name); // its nodes are freed with its last source
  }

  /**
   * Start the music, or go on elsewhere.
   * @param {number | null} from Seconds of the music; null goes on where it is.
   * @param {Span | null} loop
   * @param {number} [at] Frame of the audio clock; as soon as possible, if it is left out.
   */
  start(from, loop, at) {
    for (let tries = 0; tries < TRIES; tries++) {
      const begins = at ?? this.soon;
      const run = new Run(begins, this.#frame(from ?? this.positionAt(begins)), loop && this.#frames(loop));
      for (const track of this.#tracks.values()) {
        track.silence(begins);
        track.sound(run, begins);
      }
      this.#run = run;
      if (at !== undefined || this.context.currentTime * this.rate < begins) return; // else the browser was busy: some tracks came late
    }
  }

  /**
   * Stop the music.
   * @param {number} [at] Frame of the audio clock.
   * @returns {number} Where it stopped: seconds of the music.
   */
  stop(at = this.soon) {
    const stopped = this.positionAt(at);
    for (const track of this.#tracks.values()) track.silence(at);
    this.#run = null;
    return stopped;
  }

  /**
   * Let one bus be heard instead of the other.
   * @param {Bus} bus
   * @param {number} seconds That the change takes.
   */
  show(bus, seconds) {
    const now = this.context.currentTime;
    for (const [name, { gain }] of Object.entries(this.#buses)) {
      gain.cancelScheduledValues(now);
      gain.setValueAtTime(gain.value, now);
      gain.linearRampToValueAtTime(name === bus ? 1 : 0, now + seconds); // linear: both carry the same music
    }
  }

  /**
   * @param {string} name Of a track.
   * @param {number} factor
   * @param {number} [seconds] That the change takes, roughly.
   */
  level(name, factor, seconds = GLIDE_SECONDS) {
    this.#tracks.get(name)?.strip.gain.setTargetAtTime(factor, this.context.currentTime, seconds);
  }

  /**
   * The level meter of a track.
   * @param {string} name
   */
  meter(name) {
    return this.#tracks.get(name)?.meter;
  }

  /** Let go of everything. */
  close() {
    this.stop();
    this.output.disconnect();
    this.#tracks.clear();
  }

  /** @param {Span} span @returns {FrameSpan} */
  #frames({ start, end }) {
    return { start: this.#frame(start), end: this.#frame(end) };
  }

  /** @param {number} seconds */
  #frame(seconds) {
    return Math.round(seconds * this.rate);
  }

  /** @param {Run} run In which a track has ended. */
  #over(run) {
    if (this.#run !== run || run.loop || this.positionAt() < this.length) return;
    this.#run = null;
    this.ended();
  }
}

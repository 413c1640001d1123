/** One of the tracks that a deck plays: a new source for each run, then the level and the meter. */

/** @import { Run } from "./run.js" */

const FADE_SECONDS = 0.006; // against clicks; two fades of the same samples add up to what they were
const METER_FRAMES = 1024;

export class Track {
  /** @type {{ source: AudioBufferSourceNode, fade: GainNode } | null} */ #voice = null;

  /**
   * @param {AudioBuffer} buffer
   * @param {AudioNode} bus That it is heard on.
   * @param {number} level A factor.
   * @param {(run: Run) => void} ended Called when it has come to its end, or was stopped.
   */
  constructor(buffer, bus, level, ended) {
    const { context } = bus;
    this.buffer = buffer;
    this.ended = ended;
    this.strip = new GainNode(context, { gain: level });
    this.meter = new AnalyserNode(context, { fftSize: METER_FRAMES });
    this.strip.connect(bus);
    this.strip.connect(this.meter);
  }

  /**
   * Sound from a frame of the audio clock on, where the run is then.
   * @param {Run} run
   * @param {number} at
   */
  sound(run, at) {
    const { context } = this.strip;
    const rate = context.sampleRate;
    if (run.loop && this.buffer.length < run.loop.end) this.buffer = padded(this.buffer, run.loop.end);
    const looped = run.loop && { loop: true, loopStart: run.loop.start / rate, loopEnd: run.loop.end / rate };
    const source = new AudioBufferSourceNode(context, { buffer: this.buffer, ...looped });
    const fade = new GainNode(context, { gain: 0 });
    source.connect(fade).connect(this.strip);
    fade.gain.setValueAtTime(0, at / rate).linearRampToValueAtTime(1, at / rate + FADE_SECONDS);
    source.start(at / rate, run.frameAt(at) / rate);
    source.onended = () => { fade.disconnect(); this.ended(run); };
    this.#voice = { source, fade };
  }

  /**
   * Fall silent at a frame of the audio clock.
   * @param {number} at
   */
  silence(at) {
    if (!this.#voice) return;
    const { source, fade } = this.#voice;
    const seconds = at / fade.context.sampleRate;
    fade.gain.cancelScheduledValues(seconds);
    fade.gain.setValueAtTime(1, seconds).linearRampToValueAtTime(0, seconds + FADE_SECONDS);
    source.stop(seconds + FADE_SECONDS);
    this.#voice = null;
  }
}

/**
 * Return a sound with silence behind it: a loop would end with the sound.
 * @param {AudioBuffer} buffer
 * @param {number} length
 */
function padded(buffer, length) {
  const { numberOfChannels, sampleRate } = buffer;
  const longer = new AudioBuffer({ length, numberOfChannels, sampleRate });
  for (let channel = 0; channel < numberOfChannels; channel++) longer.copyToChannel(buffer.getChannelData(channel), channel);
  return longer;
}

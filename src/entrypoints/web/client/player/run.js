/** Where the music is at a time of the audio clock, in whole samples, so that nothing drifts. */

/**
 * A stretch of the music, in frames.
 * @typedef {{ start: number, end: number }} FrameSpan
 */

/** An uninterrupted run of the music: from one place on, or round and round a loop. */
export class Run {
  /**
   * @param {number} at Frame of the audio clock at which it begins.
   * @param {number} from Frame of the music that is heard then; before the end of the loop.
   * @param {FrameSpan | null} loop
   */
  constructor(at, from, loop) {
    this.at = at;
    this.from = from;
    this.loop = loop;
  }

  /**
   * Return the frame of the music that is heard at a frame of the audio clock.
   * @param {number} clock
   */
  frameAt(clock) {
    const frame = this.from + Math.max(0, clock - this.at);
    if (!this.loop || frame < this.loop.end) return frame;
    return this.loop.start + ((frame - this.loop.start) % (this.loop.end - this.loop.start));
  }
}

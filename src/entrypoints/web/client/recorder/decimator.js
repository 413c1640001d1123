/** Fewer samples in each second, for what needs only the low part of the spectrum. */

const REACH = 4; // zero crossings of the sinc on each side

/** Keeps each so-and-so-many-th sample behind a low-pass: a sinc under a Hann window (Smith, "Digital Audio Resampling"). */
export class Decimator {
  /** Samples that it is behind. @type {number} */
  delay;
  #factor;
  #taps;
  #tail = new Float32Array(0);

  /** @param {number} factor A whole number. */
  constructor(factor) {
    this.#factor = factor;
    this.#taps = lowPass(factor);
    this.delay = (this.#taps.length - 1) / 2;
  }

  /**
   * Return what follows from some more samples.
   * @param {Float32Array} samples
   */
  push(samples) {
    const input = new Float32Array(this.#tail.length + samples.length);
    input.set(this.#tail);
    input.set(samples, this.#tail.length);
    const count = Math.max(0, Math.floor((input.length - this.#taps.length) / this.#factor) + 1);
    const output = new Float32Array(count);
    for (let index = 0; index < count; index++) output[index] = this.#filtered(input, index * this.#factor);
    this.#tail = input.slice(count * this.#factor);
    return output;
  }

  /**
   * @param {Float32Array} input
   * @param {number} first
   */
  #filtered(input, first) {
    let sum = 0;
    for (let tap = 0; tap < this.#taps.length; tap++) sum += this.#taps[tap] * input[first + tap];
    return sum;
  }
}

/**
 * Return the taps of a low-pass; their sum is 1.
 * @param {number} factor
 */
function lowPass(factor) {
  const half = REACH * factor;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, index) => {
    const x = (index - half) / factor;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * (index - half)) / (half + 1)));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

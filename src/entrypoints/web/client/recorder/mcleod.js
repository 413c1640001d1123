/**
 * The period of a voice: McLeod & Wyvill, "A smarter way to find pitch" (ICMC 2005).
 *
 * The normalised square difference function is 1 where a sound repeats itself exactly, and between its lobes it is
 * negative. The period is the first lobe that is nearly as high as the highest: lobes further on are its multiples.
 */

const NEARLY = 0.9;

/** Finds periods in windows of one length; its arrays are used again. */
export class PeriodFinder {
  #difference;
  #shortest;

  /**
   * @param {number} shortest Samples of the shortest period.
   * @param {number} longest Samples of the longest period.
   */
  constructor(shortest, longest) {
    this.#shortest = shortest;
    this.#difference = new Float64Array(longest + 2);
  }

  /**
   * Return the period in samples, with a fraction, and how clear it is: 0–1. Both are 0 where nothing repeats itself.
   * @param {Float32Array} samples At least twice the longest period.
   */
  find(samples) {
    this.#measure(samples);
    const peaks = this.#peaks();
    const highest = Math.max(0, ...peaks.map(({ clarity }) => clarity));
    return peaks.find(({ clarity }) => clarity >= NEARLY * highest) ?? { period: 0, clarity: 0 };
  }

  /** @param {Float32Array} samples */
  #measure(samples) {
    let energy = 0;
    for (const sample of samples) energy += 2 * sample * sample;
    for (let lag = 0; lag < this.#difference.length; lag++) {
      const end = samples.length - lag;
      let product = 0;
      for (let index = 0; index < end; index++) product += samples[index] * samples[index + lag];
      this.#difference[lag] = energy > 1e-12 ? (2 * product) / energy : 0;
      energy -= samples[lag] ** 2 + samples[end - 1] ** 2;
    }
  }

  /** Return the top of each lobe behind the first, which is that of no shift at all. */
  #peaks() {
    const [found, values] = [/** @type {{ period: number, clarity: number }[]} */ ([]), this.#difference];
    let lag = 1;
    while (lag < values.length - 1 && values[lag] > 0) lag++;
    for (let top = 0; lag < values.length - 1; lag++) {
      if (values[lag] > 0 && (top === 0 || values[lag] > values[top])) top = lag;
      const ends = values[lag + 1] <= 0 || lag === values.length - 2;
      if (top && ends) {
        if (top >= this.#shortest && values[top + 1] <= values[top]) found.push(summit(values, top));
        top = 0;
      }
    }
    return found;
  }
}

/**
 * Return the top of the parabola through a highest value and its neighbours.
 * @param {Float64Array} values
 * @param {number} top
 */
function summit(values, top) {
  const [left, middle, right] = [values[top - 1], values[top], values[top + 1]];
  const bend = left - 2 * middle + right;
  const move = bend < 0 ? (left - right) / (2 * bend) : 0;
  return { period: top + move, clarity: Math.min(1, middle - ((left - right) * move) / 4) };
}

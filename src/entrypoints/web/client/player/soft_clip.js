/** Keeps a sum of stems from clipping: the finished mix has a limiter, they have none. */

const HIGHEST = 4; // the loudest sum that is still formed, as a factor
const STRAIGHT = 0.8;
const POINTS = 4097;

/**
 * Connect two nodes through a curve: nothing changes up to 0.8, and 1 is never exceeded. It adds no delay.
 * @param {AudioNode} from
 * @param {AudioNode} to
 */
export function softClip(from, to) {
  const lower = new GainNode(from.context, { gain: 1 / HIGHEST }); // a shaper cuts its input at 1
  from.connect(lower).connect(new WaveShaperNode(from.context, { curve: curve() })).connect(to);
}

function curve() {
  return Float32Array.from({ length: POINTS }, (_, index) => shaped(((2 * index) / (POINTS - 1) - 1) * HIGHEST));
}

/** @param {number} sample */
function shaped(sample) {
  const beyond = (Math.abs(sample) - STRAIGHT) / (1 - STRAIGHT);
  return beyond <= 0 ? sample : Math.sign(sample) * (STRAIGHT + (1 - STRAIGHT) * Math.tanh(beyond));
}

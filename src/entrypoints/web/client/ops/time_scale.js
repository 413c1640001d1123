/** Where times are in a drawing; long pauses in which nothing happened are squeezed, so that the rest can be seen. */

/** @typedef {{ start: number, end: number }} Span Seconds. */
/** @typedef {{ at: (time: number) => number, pauses: Span[] }} TimeScale `at` is 0–1; pauses are those that are squeezed. */

const PAUSE_SHARE = 0.12; // of all that happens, a pause is drawn as no longer
const SHORTEST = 0.5; // seconds that no pause is squeezed below

/**
 * Return the scale of some spans; those without a length are moments.
 * @param {readonly Span[]} spans At least one.
 * @returns {TimeScale}
 */
export function timeScale(spans) {
  const busy = merged(spans);
  const active = busy.reduce((sum, { start, end }) => sum + end - start, 0);
  const longest = Math.max(active * PAUSE_SHARE, SHORTEST);
  /** @type {{ time: number, place: number }[]} */
  const marks = [];
  /** @type {Span[]} */
  const pauses = [];
  let place = 0;
  busy.forEach(({ start, end }, index) => {
    const before = busy[index - 1];
    const pause = before ? start - before.end : 0;
    if (before && pause > longest) pauses.push({ start: before.end, end: start });
    place += Math.min(pause, longest);
    marks.push({ time: start, place });
    place += end - start;
    marks.push({ time: end, place });
  });
  return { at: (time) => placeOf(time, marks) / (place || 1), pauses };
}

/**
 * Return when anything happened: spans that touch are one.
 * @param {readonly Span[]} spans
 */
function merged(spans) {
  /** @type {Span[]} */
  const found = [];
  for (const span of [...spans].sort((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else found.push({ ...span });
  }
  return found;
}

/**
 * @param {number} time
 * @param {{ time: number, place: number }[]} marks
 */
function placeOf(time, marks) {
  const next = marks.findIndex((mark) => mark.time >= time);
  const after = marks[next];
  const before = marks[next - 1];
  if (!after) return marks.at(-1)?.place ?? 0;
  if (!before || after.time === before.time) return after.place;
  return before.place + ((time - before.time) / (after.time - before.time)) * (after.place - before.place);
}

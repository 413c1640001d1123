/** What mouse and fingers do on the waveform: a click seeks, dragging the playhead seeks, dragging elsewhere loops. */

/** @import { Playback } from "./playback.js" */

const MOVED = 6; // pixels from which on a press is no click
const HEAD = { mouse: 8, pen: 12, touch: 20 };

/**
 * @param {HTMLElement} slider
 * @param {Playback} playback
 * @param {AbortSignal} alive
 */
export function followPointer(slider, playback, alive) {
  /** @type {{ from: number, x: number, seeks: boolean, moved: boolean } | null} */
  let press = null;
  const secondsOf = (/** @type {PointerEvent} */ { clientX }) => {
    const { left, width } = slider.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - left) / width)) * playback.length.value;
  };
  const on = (/** @type {"pointerdown" | "pointermove" | "pointerup" | "pointercancel"} */ name, /** @type {(event: PointerEvent) => void} */ act) =>
    slider.addEventListener(name, act, { signal: alive });
  on("pointerdown", (event) => {
    if (event.button !== 0 || !playback.length.value) return;
    slider.setPointerCapture(event.pointerId);
    press = { from: secondsOf(event), x: event.clientX, seeks: nearHead(slider, playback, event), moved: false };
  });
  on("pointermove", (event) => {
    if (!press) return;
    press.moved ||= Math.abs(event.clientX - press.x) > MOVED;
    if (!press.moved) return;
    if (press.seeks) playback.seek(secondsOf(event));
    else preview(slider, press.from, secondsOf(event), playback.length.value);
  });
  on("pointerup", (event) => {
    if (!press) return;
    const [from, to] = [press.from, secondsOf(event)];
    if (!press.moved || press.seeks) playback.seek(to);
    else playback.setLoop({ start: Math.min(from, to), end: Math.max(from, to) });
    press = null;
    slider.classList.remove("selecting");
  });
  on("pointercancel", () => { press = null; slider.classList.remove("selecting"); });
}

/**
 * Show the loop that would be set.
 * @param {HTMLElement} slider
 * @param {number} one
 * @param {number} other
 * @param {number} length
 */
function preview(slider, one, other, length) {
  slider.classList.add("selecting");
  slider.style.setProperty("--chosen-from", String(Math.min(one, other) / length));
  slider.style.setProperty("--chosen-to", String(Math.max(one, other) / length));
}

/**
 * @param {HTMLElement} slider
 * @param {Playback} playback
 * @param {PointerEvent} event
 */
function nearHead(slider, playback, { clientX, pointerType }) {
  const { left, width } = slider.getBoundingClientRect();
  const head = left + (playback.time.value / playback.length.value) * width;
  return Math.abs(clientX - head) <= HEAD[/** @type {keyof typeof HEAD} */ (pointerType)] || false;
}

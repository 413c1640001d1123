/** A roll that shows some seconds of many: it scrolls sideways where they would be too narrow to read. */

import { h } from "../base/dom.js";
import { sharpCanvas } from "./canvas.js";

/**
 * Draws the seconds that are to be seen.
 * @callback DrawSeconds
 * @param {CanvasRenderingContext2D} context In CSS pixels, cleared.
 * @param {{ width: number, height: number, left: number, start: number, end: number }} sides Those of a `Frame`: `left`
 *   is kept free for the names of the pitches, `start` and `end` are seconds.
 */

const GUTTER = 34;
const ROOM_BEFORE = 0.3; // part of the width that lies before a time that is scrolled to

/**
 * Return a roll, with a function that says how many seconds it has, one that draws it again at the next frame, and one
 * that scrolls until a time is to be seen.
 * @param {DrawSeconds} draw
 * @param {AbortSignal} alive
 * @param {{ label: string, description?: string }} texts For screen readers: of the place that scrolls, and what it shows.
 */
export function scrollingRoll(draw, alive, { label, description = label }) {
  let length = 1;
  const { canvas, redraw } = sharpCanvas((context, width, height) => {
    scroller.tabIndex = room.clientWidth > width + 1 ? 0 : -1;
    draw(context, { height, left: GUTTER, width, ...seen(width) });
  }, alive, { class: "roll", "aria-label": description });
  const room = h("div", { class: "roll-room" }, canvas);
  const scroller = h("div", { class: "roll-scroller", role: "group", "aria-label": label }, room);
  scroller.addEventListener("scroll", redraw, { passive: true, signal: alive });
  const perSecond = () => (room.clientWidth - GUTTER) / length;
  /** @param {number} width */
  const seen = (width) => {
    const start = scroller.scrollLeft / perSecond();
    return { start, end: start + (width - GUTTER) / perSecond() };
  };
  /** @param {number} seconds */
  const setLength = (seconds) => {
    length = Math.max(seconds, 0.001);
    room.style.setProperty("--seconds", String(length));
    redraw();
  };
  /** @param {number} seconds */
  const reveal = (seconds) => {
    const { start, end } = seen(scroller.clientWidth);
    if (seconds < start || seconds > end) scroller.scrollLeft = (seconds - (end - start) * ROOM_BEFORE) * perSecond();
  };
  return { roll: scroller, canvas, redraw, setLength, reveal };
}

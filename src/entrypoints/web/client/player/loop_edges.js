/** The two edges of the loop: each is a slider of its own, for keys and fingers. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { placeInWords } from "./places.js";
import { SHORTEST_LOOP } from "./playback.js";

/** @import { Music } from "./music.js" */

const STEPS = new Map([["ArrowLeft", -0.1], ["ArrowDown", -0.1], ["ArrowRight", 0.1], ["ArrowUp", 0.1], ["PageDown", -1], ["PageUp", 1]]);

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function loopEdges(music, alive) {
  return [edge("start", music, alive), edge("end", music, alive)];
}

/**
 * @param {"start" | "end"} side
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function edge(side, music, alive) {
  const { playback } = music;
  const handle = h("div", { class: `loop-edge ${side}`, role: "slider", tabindex: 0, hidden: true, "aria-label": t(`player.loop_${side}`), "aria-valuemin": 0 });
  playback.loop.watch((loop) => {
    handle.hidden = !loop;
    if (!loop) return;
    handle.setAttribute("aria-valuemax", playback.length.value.toFixed(1));
    handle.setAttribute("aria-valuenow", loop[side].toFixed(1));
    handle.setAttribute("aria-valuetext", placeInWords(music, loop[side]));
  }, alive);
  handle.addEventListener("keydown", (event) => {
    const step = STEPS.get(event.key);
    if (step === undefined || !playback.loop.value) return;
    event.preventDefault();
    move(side, playback.loop.value[side] + step, music);
  });
  handle.addEventListener("pointerdown", ({ pointerId }) => handle.setPointerCapture(pointerId));
  handle.addEventListener("pointermove", ({ pointerId, clientX }) => {
    if (!handle.hasPointerCapture(pointerId)) return;
    const { left, width } = /** @type {HTMLElement} */ (handle.parentElement).getBoundingClientRect();
    move(side, ((clientX - left) / width) * playback.length.value, music);
  });
  return handle;
}

/**
 * @param {"start" | "end"} side
 * @param {number} seconds
 * @param {Music} music
 */
function move(side, seconds, { playback }) {
  const loop = playback.loop.value;
  if (!loop) return;
  const [least, most] = side === "start" ? [0, loop.end - SHORTEST_LOOP] : [loop.start + SHORTEST_LOOP, playback.length.value];
  playback.setLoop({ ...loop, [side]: Math.min(Math.max(seconds, least), most) });
}

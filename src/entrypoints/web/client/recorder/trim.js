/** Two handles that say which part of a take is sent: by mouse, by touch, and by the arrow keys. */

import { LIMITS } from "../api/limits.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/** @import { Signal } from "../base/signal.js" */
/** @import { Part } from "./take.js" */

const STEP_S = 0.1;
const LONG_STEP_S = 1;

/**
 * Return handles that lie over a drawing of a take from its start to its end.
 * @param {Signal<Part>} part
 * @param {number} seconds Of the take.
 * @param {AbortSignal} alive
 */
export function trimmer(part, seconds, alive) {
  const node = h("div", { class: "trim" }, h("div", { class: "shades", "aria-hidden": true }));
  node.append(handle("from"), handle("to"));
  part.watch(({ from, to }) => {
    node.style.setProperty("--from", String(from / seconds));
    node.style.setProperty("--to", String(to / seconds));
  }, alive);
  return node;

  /** @param {"from" | "to"} side */
  function handle(side) {
    const grip = h("div", { class: `grip ${side}`, role: "slider", tabindex: 0, "aria-label": t(`take.${side}`) });
    const move = (/** @type {number} */ at) => { part.value = moved(part.value, side, at, seconds); };
    dragging(grip, node, (share) => move(share * seconds));
    grip.onkeydown = (event) => {
      const at = keyed(event.key, part.value[side], seconds);
      if (at === null) return;
      event.preventDefault();
      move(at);
    };
    part.watch((value) => describe(grip, value[side], seconds), alive);
    return grip;
  }
}

/**
 * Return a part with one side moved as far as the limits of a recording allow.
 * @param {Part} part
 * @param {"from" | "to"} side
 * @param {number} at Seconds.
 * @param {number} seconds Of the take.
 * @returns {Part}
 */
export function moved({ from, to }, side, at, seconds) {
  const shortest = Math.min(LIMITS.shortest_seconds, seconds);
  const longest = LIMITS.longest_seconds;
  if (side === "from") {
    const start = Math.min(Math.max(0, at), seconds - shortest);
    return { from: start, to: Math.min(Math.max(to, start + shortest), start + longest) };
  }
  const end = Math.max(Math.min(seconds, at), shortest);
  return { from: Math.max(Math.min(from, end - shortest), end - longest), to: end };
}

/**
 * Return where a key moves a handle, or null if it moves none.
 * @param {string} key
 * @param {number} at Seconds.
 * @param {number} seconds Of the take.
 */
function keyed(key, at, seconds) {
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: at - STEP_S, ArrowDown: at - STEP_S, ArrowRight: at + STEP_S, ArrowUp: at + STEP_S,
    PageDown: at - LONG_STEP_S, PageUp: at + LONG_STEP_S, Home: 0, End: seconds,
  };
  return places[key] ?? null;
}

/**
 * Tell where a handle is dragged to, as a share of the width of what it lies over.
 * @param {HTMLElement} grip
 * @param {HTMLElement} over
 * @param {(share: number) => void} moveTo
 */
function dragging(grip, over, moveTo) {
  grip.onpointerdown = (event) => {
    grip.setPointerCapture(event.pointerId);
    grip.focus();
    event.preventDefault();
  };
  grip.onpointermove = ({ pointerId, clientX }) => {
    if (!grip.hasPointerCapture(pointerId)) return;
    const { left, width } = over.getBoundingClientRect();
    moveTo((clientX - left) / width);
  };
}

/**
 * @param {HTMLElement} grip
 * @param {number} at Seconds.
 * @param {number} seconds Of the take.
 */
function describe(grip, at, seconds) {
  grip.ariaValueMin = "0";
  grip.ariaValueMax = seconds.toFixed(1);
  grip.ariaValueNow = at.toFixed(1);
  grip.ariaValueText = t("take.seconds", { seconds: at.toFixed(1) });
}

/** How loud the microphone hears, and what to do about it. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/** @import { Session } from "./session.js" */

const QUIETEST_DB = -60;
const FALL = 0.1; // of the whole width, for each block of sound

/**
 * @param {Session} session
 * @param {AbortSignal} alive
 */
export function meter(session, alive) {
  const bar = h("div", { class: "level" });
  const hint = h("p", { role: "status", class: "remark" });
  let level = 0;
  session.block.watch((block) => {
    level = block ? Math.max(partOf(block.peak), level - FALL) : 0;
    bar.style.setProperty("--level", level.toFixed(3));
    bar.classList.toggle("clips", session.hint.value === "clipping");
  }, alive);
  session.hint.watch((name) => { hint.textContent = name && t(`record.hint.${name}`); }, alive);
  return h("div", { class: "loudness" }, h("div", { class: "levels", "aria-hidden": true }, bar), hint);
}

/**
 * Return where an amplitude lies on the meter: 0–1.
 * @param {number} amplitude Of full scale.
 */
function partOf(amplitude) {
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(amplitude + 1e-9)) / QUIETEST_DB));
}

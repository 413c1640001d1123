/** The tempo of the piece: what was heard, by one tap, a number, a slider, or tapping along. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { chipsOf } from "./chips.js";
import { OPEN } from "./wishes.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Signal } from "../base/signal.js" */

export const [SLOWEST, FASTEST] = [40, 220];
const PAUSE_MS = 2000; // then tapping begins anew
const MOST_TAPS = 8;
const MOST_CHIPS = 4;

/**
 * @param {Signal<string>} tempo A whole number, or OPEN.
 * @param {Analysis} analysis
 * @param {AbortSignal} alive
 * @param {() => void} picked Called when somebody chooses, also what is chosen already.
 */
export function tempoField(tempo, analysis, alive, picked) {
  const limits = { min: SLOWEST, max: FASTEST, step: 1 };
  const number = h("input", { type: "number", inputmode: "numeric", ...limits, placeholder: t("edit.open") });
  const slider = h("input", { type: "range", ...limits, "aria-label": t("edit.tempo") });
  number.onchange = () => {
    tempo.value = number.value === "" ? OPEN : bounded(Number(number.value));
    picked();
    number.value = tempo.value; // also where that is no change
  };
  slider.oninput = () => { tempo.value = slider.value; picked(); };
  tempo.watch((now) => {
    number.value = now;
    if (now) slider.value = now;
  }, alive);
  const row = h("div", { class: "edit-tempo" }, slider, tapButton(tempo));
  return { control: number, beside: h("div", {}, row, chipsOf(t("edit.tempo_heard"), heardTempi(analysis), tempo, alive, picked)) };
}

/** @param {Analysis} analysis */
function heardTempi({ tempo_bpm: heard, tempo_candidates: others = [] }) {
  const tempi = [heard, ...others.map((one) => one.tempo_bpm)].map(Math.round).filter((bpm) => bpm >= SLOWEST && bpm <= FASTEST);
  const chips = [...new Set(tempi)].slice(0, MOST_CHIPS).map((bpm) => ({ value: String(bpm), text: t("edit.bpm", { bpm }) }));
  return [...chips, { value: OPEN, text: t("edit.open") }];
}

/** @param {Signal<string>} tempo */
function tapButton(tempo) {
  /** @type {number[]} */
  let taps = [];
  const tap = (/** @type {Event} */ { timeStamp }) => {
    if (timeStamp - (taps[taps.length - 1] ?? 0) > PAUSE_MS) taps = [];
    taps = [...taps, timeStamp].slice(-MOST_TAPS);
    const bpm = tempoOf(taps);
    if (bpm) tempo.value = bounded(bpm);
  };
  return h("button", { type: "button", onclick: tap }, t("edit.tap"));
}

/**
 * Return the tempo of taps, in beats per minute; null of fewer than three.
 * @param {number[]} taps Milliseconds.
 */
export function tempoOf(taps) {
  return taps.length < 3 ? null : (60_000 * (taps.length - 1)) / (taps[taps.length - 1] - taps[0]);
}

/** @param {number} bpm */
const bounded = (bpm) => String(Math.min(Math.max(Math.round(bpm) || SLOWEST, SLOWEST), FASTEST));

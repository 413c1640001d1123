/** The key of the piece: those that were heard, by one tap, or any other. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { keyInWords } from "../roll/names.js";
import { chipsOf } from "./chips.js";
import { OPEN } from "./wishes.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Signal } from "../base/signal.js" */

const MAJOR = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const MINOR = ["Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm"];
const MOST_CHIPS = 3;

/**
 * @param {Signal<string>} key
 * @param {Analysis} analysis
 * @param {AbortSignal} alive
 * @param {() => void} picked Called when somebody chooses, also what is chosen already.
 */
export function keyField(key, analysis, alive, picked) {
  const keys = [...MAJOR, ...MINOR];
  const other = [key.value, analysis.key].filter((one) => one && !keys.includes(one));
  const choice = h("select", {}, h("option", { value: OPEN }, t("edit.open")),
    [...new Set([...other, ...keys])].map((one) => h("option", { value: one }, keyInWords(one))));
  choice.onchange = () => { key.value = choice.value; picked(); };
  key.watch((now) => { choice.value = now; }, alive);
  const heard = [...new Set([analysis.key, ...(analysis.key_candidates ?? []).map((one) => one.key)])].slice(0, MOST_CHIPS);
  const chips = heard.map((one) => ({ value: one, text: keyInWords(one) }));
  return { control: choice, beside: chipsOf(t("edit.key_heard"), chips, key, alive, picked) };
}

/** What was heard of a hum: as facts in words, and as a table. */

import { h } from "../base/dom.js";
import { counted, t } from "../base/text.js";
import { barsOf } from "../roll/bars.js";
import { keyInWords, pitchName } from "../roll/names.js";
import { notesOf } from "../roll/written.js";

/** @import { Analysis } from "../api/types.js" */

/**
 * Return what was heard, as pairs of a name and its value.
 * @param {Analysis} analysis
 * @param {number} played The tempo of the music, which a style may double, halve or shift.
 * @returns {[string, string][]}
 */
export function factsOf({ key, tempo_bpm, time_signature, notes, phrases, beats = [] }, played) {
  const tempo = Math.round(tempo_bpm);
  const bars = barsOf(beats, time_signature).length;
  const size = [counted("found.notes", notes.length), counted("found.phrases", phrases.length), bars ? counted("found.bars", bars) : ""];
  return [
    [t("heard.key"), keyInWords(key)],
    [t("heard.tempo"), played === tempo ? t("heard.bpm", { tempo }) : t("heard.bpm_played", { tempo, played })],
    [t("heard.metre"), time_signature],
    [t("heard.size"), size.filter(Boolean).join(", ")],
  ];
}

/**
 * Return the notes as a table, for who cannot see the roll.
 * @param {Analysis} analysis
 */
export function noteTable(analysis) {
  const phrases = new Map(analysis.phrases.map((first, index) => [first, index + 1]));
  const heads = [t("heard.note"), t("heard.start"), t("heard.length"), t("heard.phrase")];
  let phrase = 1;
  const rows = notesOf(analysis).map(({ start, duration, pitch }, index) => {
    phrase = phrases.get(index) ?? phrase;
    const cells = [`${start.toFixed(2)} s`, `${duration.toFixed(2)} s`, phrase];
    return h("tr", {}, h("th", { scope: "row" }, pitchName(pitch, analysis.key)), cells.map((cell) => h("td", {}, cell)));
  });
  return h("table", { class: "notes" }, h("caption", { class: "unseen" }, t("heard.table")),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows));
}

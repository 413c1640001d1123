/** What was heard of a hum: as facts in words, as a table, and what the marks in its picture mean. */

import { h } from "../base/dom.js";
import { counted, t } from "../base/text.js";
import { barsOf } from "../roll/bars.js";
import { keyInWords, pitchName } from "../roll/names.js";
import { notesOf } from "../roll/written.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Edits } from "./edits.js" */

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
 * @param {Edits | null} edits
 */
export function noteTable(analysis, edits) {
  const phrases = new Map(analysis.phrases.map((first, index) => [first, index + 1]));
  const heads = [t("heard.note"), t("heard.start"), t("heard.length"), t("heard.phrase"), ...(edits ? [t("heard.edit")] : [])];
  let phrase = 1;
  const rows = notesOf(analysis).map(({ start, duration, pitch }, index) => {
    phrase = phrases.get(index) ?? phrase;
    const cells = [`${start.toFixed(2)} s`, `${duration.toFixed(2)} s`, phrase, ...(edits ? [editOf(index, pitch, edits, analysis.key)] : [])];
    return h("tr", {}, h("th", { scope: "row" }, pitchName(pitch, analysis.key)), cells.map((cell) => h("td", {}, cell)));
  });
  return h("table", { class: "notes" }, h("caption", { class: "unseen" }, t(edits ? "heard.table_edited" : "heard.table")),
    h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows));
}

/**
 * Return how many notes were edited, in words.
 * @param {Edits} edits
 */
export function editsInWords({ changed, removed }) {
  return [counted("heard.edited", changed.size), removed ? counted("heard.removed", removed) : ""].filter(Boolean).join(", ");
}

/** Return what the notes look like that were heard, that were edited, and that were there before. */
export function legend() {
  const marks = /** @type {const} */ (["heard", "edited", "before"]);
  return h("ul", { class: "legend" }, marks.map((mark) => h("li", {}, h("span", { class: `mark ${mark}`, "aria-hidden": "true" }), t(`heard.mark.${mark}`))));
}

/**
 * @param {number} index
 * @param {number} pitch
 * @param {Edits} edits
 * @param {string} key
 */
function editOf(index, pitch, { changed }, key) {
  const heard = changed.get(index);
  if (heard === undefined) return "–";
  if (heard === null) return t("heard.edit.added");
  return heard === pitch ? t("heard.edit.time") : t("heard.edit.pitch", { pitch: pitchName(heard, key) });
}

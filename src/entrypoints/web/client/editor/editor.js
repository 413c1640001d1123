/** Everything about a moment that can be changed, and the button that makes a new version of it. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { styleCards } from "../styles/style_cards.js";
import { keepDraftOf, takeUpDraft } from "./draft.js";
import { draftNote } from "./draft_note.js";
import { energyCurve } from "./energy_curve.js";
import { keyNote, tempoNote } from "./effect_notes.js";
import { Faults } from "./faults.js";
import { humOf } from "./hum.js";
import { keyField } from "./key_field.js";
import { makeBar } from "./make_bar.js";
import { noteEditor } from "./note_editor.js";
import { tempoField } from "./tempo_field.js";
import { OPEN, Wishes } from "./wishes.js";

/** @import { Child } from "../base/dom.js" */
/** @import { Moment } from "../moments/moment.js" */
/** @import { Status } from "../api/types.js" */
/** @import { TextName } from "../base/text.js" */

const METRES = ["2/4", "3/4", "4/4", "5/4", "6/8"];

/**
 * @param {Moment} moment Its hum was heard.
 * @param {AbortSignal} alive
 */
export function editor(moment, alive) {
  const wishes = new Wishes(/** @type {Status} */ (moment.status.value));
  const faults = new Faults();
  const back = takeUpDraft(moment.id, wishes);
  const draft = keepDraftOf(moment.id, wishes, alive);
  return h("div", { class: "editor-parts" }, back && draftNote(wishes, alive), notesPart(moment, wishes, faults, alive), stylePart(wishes, faults, alive),
    musicPart(wishes, faults, alive), energyPart(wishes, faults, alive), kindPart(wishes, alive), makeBar(moment.id, wishes, faults, () => draft.end(), alive));
}

/**
 * @param {Moment} moment
 * @param {Wishes} wishes
 * @param {Faults} faults
 * @param {AbortSignal} alive
 */
function notesPart(moment, { tune, analysis, before }, faults, alive) {
  const notes = noteEditor(tune, { analysis, before: before.notes, hum: humOf(moment, alive) }, alive);
  const choose = (/** @type {string} */ pointer) => { tune.chosen.value = Math.min(Number(pointer.split("/")[2]) || 0, tune.notes.value.length - 1); };
  return part("edit.notes", notes, faults.placeFor(["/notes"], notes, choose));
}

/**
 * @param {Wishes} wishes
 * @param {Faults} faults
 * @param {AbortSignal} alive
 */
function stylePart({ style, styles, analysis }, faults, alive) {
  const cards = styleCards({ chosen: style, alive, tempo: analysis.tempo_bpm, found: (all) => { styles.value = all; } });
  return h("section", { class: "edit-part" }, cards, faults.placeFor(["/style", "/blueprint/style"], cards));
}

/**
 * @param {Wishes} wishes
 * @param {Faults} faults
 * @param {AbortSignal} alive
 */
function musicPart(wishes, faults, alive) {
  const { key, tempo, metre, analysis } = wishes;
  const choice = h("select", {}, h("option", { value: OPEN }, t("edit.open")),
    [...new Set([metre.value || "4/4", ...METRES])].sort().map((one) => h("option", { value: one }, one)));
  choice.onchange = () => { metre.value = choice.value; };
  metre.watch((now) => { choice.value = now; }, alive);
  return part("edit.music", h("div", { class: "edit-fields" },
    field("edit.key", withNote(keyField(key, analysis, alive, () => wishes.hold("key")), keyNote(wishes, alive)), "/blueprint/key", faults),
    field("edit.tempo", withNote(tempoField(tempo, analysis, alive, () => wishes.hold("tempo")), tempoNote(wishes, alive)), "/blueprint/tempo_bpm", faults),
    field("edit.metre", { control: choice, beside: null }, "/blueprint/time_signature", faults)));
}

/**
 * @param {Wishes} wishes
 * @param {Faults} faults
 * @param {AbortSignal} alive
 */
function energyPart({ before, energies, kind }, faults, alive) {
  const curve = energyCurve(before.sections, energies, alive);
  const later = h("p", { class: "about" }, t("edit.energy_later"));
  kind.watch((now) => {
    curve.hidden = now !== before.kind;
    later.hidden = !curve.hidden;
  }, alive);
  return part("edit.energy", curve, later, faults.placeFor(["/blueprint/sections"], curve));
}

/**
 * @param {Wishes} wishes
 * @param {AbortSignal} alive
 */
function kindPart({ kind }, alive) {
  const choices = /** @type {const} */ (["preview", "song"]).map((one) => {
    const radio = h("input", { type: "radio", name: "edit-kind", onchange: () => { kind.value = one; } });
    kind.watch((now) => { radio.checked = now === one; }, alive);
    return h("label", { class: "check" }, radio, t(`edit.${one}`));
  });
  return h("section", { class: "edit-part" }, h("fieldset", {}, h("legend", {}, t("edit.kind")), choices));
}

/**
 * @param {TextName} name
 * @param {...Child} children
 */
function part(name, ...children) {
  return h("section", { class: "edit-part" }, h("h3", {}, t(name)), ...children);
}

/**
 * @param {{ control: HTMLElement, beside: HTMLElement }} parts
 * @param {Node} note
 */
const withNote = ({ control, beside }, note) => ({ control, beside: h("div", {}, note, beside) });

/**
 * @param {TextName} name
 * @param {{ control: HTMLElement, beside: Node | null }} parts
 * @param {string} pointer
 * @param {Faults} faults
 */
function field(name, { control, beside }, pointer, faults) {
  const label = h("label", { class: "field" }, h("span", {}, t(name)), control);
  return h("div", { class: "edit-field" }, label, beside, faults.placeFor([pointer], control));
}

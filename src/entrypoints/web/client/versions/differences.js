/** What a version is, and what distinguishes it from the one that it was made from, in words. */

import { counted, t } from "../base/text.js";
import { keyInWords } from "../roll/names.js";
import { changedNotes, notesOf } from "../roll/written.js";
import { styleName } from "../styles/style_name.js";

/** @import { Blueprint, Status } from "../api/types.js" */

/**
 * Return what a version is: its style, key, tempo and kind.
 * @param {Status} status
 */
export function factsOf({ blueprint_json: blueprint, output_kind: kind }) {
  const { style, key, tempo_bpm: bpm } = blueprint ?? {};
  const facts = [style && styleName(style), key && keyInWords(key), bpm && t("edit.bpm", { bpm }), kind === "song" && t("versions.song")];
  return facts.filter(Boolean).join(" · ");
}

/**
 * Return how a version differs from its parent.
 * @param {Status} version
 * @param {Status} parent
 * @returns {string[]}
 */
export function differencesOf(version, parent) {
  const notes = changedNotes(notesIn(version), notesIn(parent));
  return [
    ...changedFields(version.blueprint_json ?? {}, parent.blueprint_json ?? {}),
    notes > 0 && counted("versions.notes", notes),
    version.output_kind !== parent.output_kind && t(version.output_kind === "song" ? "versions.song" : "versions.preview"),
    energyDiffers(version.blueprint_json ?? {}, parent.blueprint_json ?? {}) && t("versions.energy"),
  ].filter((text) => text !== false);
}

/**
 * @param {Blueprint} now
 * @param {Blueprint} before
 */
function changedFields(now, before) {
  const fields = [
    [before.style && styleName(before.style), now.style && styleName(now.style)],
    [before.key && keyInWords(before.key), now.key && keyInWords(now.key)],
    [before.tempo_bpm, now.tempo_bpm && t("edit.bpm", { bpm: now.tempo_bpm })],
    [before.time_signature, now.time_signature],
  ];
  const same = [now.style === before.style, now.key === before.key, now.tempo_bpm === before.tempo_bpm, now.time_signature === before.time_signature];
  return fields.filter(([from, to], index) => from && to && !same[index]).map(([from = "", to = ""]) => t("versions.from_to", { from, to }));
}

/** @param {Status} status */
function notesIn({ blueprint_json: blueprint }) {
  const analysis = blueprint?.metadata?.analysis;
  return analysis ? notesOf(analysis) : [];
}

/**
 * @param {Blueprint} now
 * @param {Blueprint} before
 */
function energyDiffers({ sections: now = [] }, { sections: before = [] }) {
  const same = now.length === before.length && now.every(({ name, bars }, index) => name === before[index].name && bars === before[index].bars);
  return same && now.some(({ energy }, index) => energy !== before[index].energy);
}

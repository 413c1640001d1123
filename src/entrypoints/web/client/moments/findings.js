/** What each stage has found, in words. */

import { counted, t } from "../base/text.js";
import { keyInWords } from "../roll/names.js";
import { styleName } from "../styles/style_name.js";
import { secondsInAll } from "./stages.js";
import { duration, failure, waitingFor } from "./words.js";

/** @import { Status } from "../api/types.js" */

/**
 * Return what each stage has found, shortly, by its name.
 * @param {Status} status
 * @returns {Record<string, string>}
 */
export function findingsOf(status) {
  const analysis = status.blueprint_json?.metadata?.analysis;
  const heard = analysis && `${counted("found.notes", analysis.notes.length)}, ${keyInWords(analysis.key)}`;
  const chords = status.chords.length ? counted("found.chords", status.chords.length) : "";
  return { ANALYZING: heard || "", RENDERING: chords };
}

/**
 * Return what happens now, as a sentence or two.
 * @param {Status} status
 */
export function messageOf(status) {
  if (status.status === "COMPLETED") return doneText(status);
  if (status.status === "FAILED") return failure(status).why;
  if (status.terminal) return t("making.CANCELLED");
  if (status.waiting_for) return waitingFor(status.waiting_for);
  if (status.status === "RENDERING") return renderingText(status);
  if (status.status === "PENDING" || status.status === "ANALYZING" || status.status === "MIXING") return t(`making.${status.status}`);
  return t("making.other");
}

/** @param {Status} status */
function renderingText(status) {
  const there = new Set(status.artifacts_detail.map(({ name }) => name));
  if (there.has("vocals")) return t("making.voice_first");
  if (there.has("instrumental")) return t("making.band_first");
  return t("making.RENDERING");
}

/** @param {Status} status */
function doneText(status) {
  const seconds = secondsInAll(status);
  return seconds === null ? t("moment.done", { made: madeOf(status) })
    : t("moment.done_in", { time: duration(seconds), made: madeOf(status) });
}

/**
 * Return what a moment is made of, such as "cinematic, D minor, 120 bpm".
 * @param {Status} status
 */
function madeOf({ blueprint_json: plan }) {
  const tempo = plan?.tempo_bpm && t("heard.bpm", { tempo: plan.tempo_bpm });
  return [plan?.style && styleName(plan.style), plan?.key && keyInWords(plan.key), tempo].filter(Boolean).join(", ");
}

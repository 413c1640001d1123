/** The notes that were heard, as soon as they are known. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { sharpCanvas } from "../roll/canvas.js";
import { Frame, rowsFor } from "../roll/frame.js";
import { drawGrid } from "../roll/grid.js";
import { drawNotes } from "../roll/notes.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Moment } from "./moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function heardPanel(moment, alive) {
  /** @type {Analysis | undefined} */
  let analysis;
  const { canvas, redraw } = sharpCanvas((context, width, height) => {
    if (analysis) draw(context, analysis, width, height);
  }, alive, { class: "roll", "aria-label": t("heard.title") });
  const panel = h("section", { class: "panel heard", hidden: true }, h("h2", {}, t("heard.title")), canvas);
  moment.status.watch((status) => {
    analysis = status?.blueprint_json.metadata?.analysis;
    panel.hidden = !analysis?.notes.length;
    redraw();
  }, alive);
  return panel;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Analysis} analysis
 * @param {number} width
 * @param {number} height
 */
function draw(context, analysis, width, height) {
  const pitches = analysis.written ?? analysis.notes.map(({ pitch }) => Math.round(pitch));
  const frame = new Frame({ width, height, start: 0, end: analysis.duration, ...rowsFor(pitches) });
  drawGrid(context, frame, { beats: analysis.beats, each: Number(analysis.time_signature.split("/")[0]) });
  drawNotes(context, frame, analysis.notes.map(({ onset, duration }, index) => ({ start: onset, duration, pitch: pitches[index] })));
}

/** The notes that were heard, over the pitch of the voice, as soon as they are known. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { recordingOf } from "../device/recordings.js";
import { pitchName } from "../roll/names.js";
import { scrollingRoll } from "../roll/scroller.js";
import { sweep } from "../roll/sweep.js";
import { factsOf, noteTable, notesOf } from "./heard.js";
import { drawHeard } from "./heard_drawing.js";
import { humPlayer } from "./hum_player.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { HeardPicture } from "./heard_drawing.js" */
/** @import { Moment } from "./moment.js" */
/** @import { PitchPoint } from "../roll/notes.js" */

const APPEARS_MS = 1400;

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function heardPanel(moment, alive) {
  /** @type {HeardPicture} */
  const picture = { notes: [], points: [], beats: [], phrases: [], key: "", shown: 1, at: null };
  const { roll, canvas, redraw, setLength, reveal } = scrollingRoll((context, sides) => drawHeard(context, sides, picture),
    alive, { label: t("heard.roll"), description: t("heard.voice") });
  const facts = h("dl", { class: "facts" });
  const table = h("details", { class: "table", hidden: true }, h("summary", {}, t("heard.as_table")));
  const hear = humPlayer(moment, alive, (at) => { picture.at = at; if (at !== null) reveal(at); redraw(); });
  const panel = h("section", { class: "panel heard", hidden: true, "aria-labelledby": "heard" },
    h("div", { class: "head" }, h("h2", { id: "heard" }, t("heard.title")), hear), roll, facts, table);
  /** @param {Analysis} analysis @param {boolean} watched Whether somebody was waiting for it. */
  const show = (analysis, watched) => {
    Object.assign(picture, pictureOf(analysis));
    canvas.setAttribute("aria-label", describe(analysis));
    const played = moment.status.value?.blueprint_json?.tempo_bpm ?? Math.round(analysis.tempo_bpm);
    replace(facts, factsOf(analysis, played).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    table.hidden = panel.hidden = false;
    table.addEventListener("toggle", () => table.append(noteTable(analysis)), { once: true });
    setLength(analysis.duration);
    if (watched) sweep(APPEARS_MS, (part) => { picture.shown = part; redraw(); }, alive);
  };
  const line = (/** @type {PitchPoint[]} */ points) => {
    picture.points = points;
    panel.hidden = false;
    if (picture.notes.length) redraw();
    else setLength(points[points.length - 1].at);
  };
  watchAnalysis(moment, show, alive);
  void recordingOf(moment.id).then((kept) => { if (kept?.points.length && !alive.aborted) line(kept.points); });
  return panel;
}

/**
 * Call a function once the hum was heard.
 * @param {Moment} moment
 * @param {(analysis: Analysis, watched: boolean) => void} show
 * @param {AbortSignal} alive
 */
function watchAnalysis(moment, show, alive) {
  let [known, watched] = [false, false];
  moment.status.watch((status) => {
    const analysis = status?.blueprint_json?.metadata?.analysis;
    if (analysis?.notes.length && !known) {
      known = true;
      show(analysis, watched);
    }
    watched ||= status !== null;
  }, alive);
}

/** @param {Analysis} analysis */
function pictureOf(analysis) {
  return { notes: notesOf(analysis), beats: analysis.beats ?? [], signature: analysis.time_signature, phrases: analysis.phrases, key: analysis.key };
}

/** @param {Analysis} analysis */
function describe(analysis) {
  const pitches = notesOf(analysis).map(({ pitch }) => pitch);
  const [low, high] = [Math.min(...pitches), Math.max(...pitches)];
  return t("heard.picture", { count: pitches.length, low: pitchName(low, analysis.key), high: pitchName(high, analysis.key) });
}

/** The notes that were heard, over the pitch of the voice, as soon as they are known; those that were edited are marked. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { pitchName } from "../roll/names.js";
import { scrollingRoll } from "../roll/scroller.js";
import { sweep } from "../roll/sweep.js";
import { notesOf } from "../roll/written.js";
import { recordingOfHum } from "../versions/hum_recording.js";
import { editsOf, isEdited } from "./edits.js";
import { editsInWords, factsOf, legend, noteTable } from "./heard.js";
import { drawHeard } from "./heard_drawing.js";
import { humPlayer } from "./hum_player.js";

/** @import { Analysis, Status } from "../api/types.js" */
/** @import { Edits } from "./edits.js" */
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
  const picture = { notes: [], points: [], beats: [], phrases: [], key: "", shown: 1, at: null, edits: null };
  const { roll, canvas, redraw, setLength, reveal } = scrollingRoll((context, sides) => drawHeard(context, sides, picture),
    alive, { label: t("heard.roll"), description: t("heard.voice") });
  const words = wordsOf(canvas);
  const hear = humPlayer(moment, alive, (at) => { picture.at = at; if (at !== null) reveal(at); redraw(); });
  const panel = h("section", { class: "panel heard", hidden: true, "aria-labelledby": "heard" },
    h("div", { class: "head" }, words.title, hear), roll, words.marks, words.facts, words.table);
  /** @param {Status} status @param {Analysis} analysis @param {boolean} watched Whether somebody was waiting for it. */
  const show = (status, analysis, watched) => {
    Object.assign(picture, pictureOf(analysis));
    words.show(status, analysis, null);
    panel.hidden = false;
    setLength(analysis.duration);
    if (watched) sweep(APPEARS_MS, (part) => { picture.shown = part; redraw(); }, alive);
    if (isEdited(analysis)) editsOf(status, alive).then((edits) => {
      if (alive.aborted || !edits) return;
      picture.edits = edits;
      words.show(status, analysis, edits);
      redraw();
      void look(edits.origin);
    }).catch(() => {}); // what was heard first is gone, or out of reach: that the notes were edited is said
  };
  const line = (/** @type {PitchPoint[]} */ points) => {
    picture.points = points;
    panel.hidden = false;
    if (picture.notes.length) redraw();
    else setLength(points[points.length - 1].at);
  };
  const look = lineFinder(moment, line, alive);
  watchAnalysis(moment, show, alive);
  return panel;
}

/**
 * Return all that says in words what the picture shows, and what fills it in.
 * @param {HTMLCanvasElement} canvas
 */
function wordsOf(canvas) {
  const title = h("h2", { id: "heard" }, t("heard.title")), facts = h("dl", { class: "facts" }), marks = h("div", { class: "marks" });
  const place = h("div"), table = h("details", { class: "table", hidden: true }, h("summary", {}, t("heard.as_table")), place);
  let build = () => {};
  table.addEventListener("toggle", () => { if (table.open) build(); });
  /** @param {Status} status @param {Analysis} analysis @param {Edits | null} edits */
  const show = ({ blueprint_json: plan }, analysis, edits) => {
    const played = plan?.tempo_bpm ?? Math.round(analysis.tempo_bpm), edited = isEdited(analysis);
    canvas.setAttribute("aria-label", describe(analysis, edits));
    const pairs = [...factsOf(analysis, played), ...(edits ? [[t("heard.edits"), editsInWords(edits)]] : [])];
    replace(facts, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    title.textContent = t(edited ? "heard.title_edited" : "heard.title");
    replace(marks, edits ? legend() : edited && h("p", { class: "about" }, t("heard.edited_unknown")));
    table.hidden = false;
    build = () => replace(place, noteTable(analysis, edits));
    if (table.open) build();
  };
  return { title, facts, marks, table, show };
}

/**
 * Call a function once the hum was heard.
 * @param {Moment} moment
 * @param {(status: Status, analysis: Analysis, watched: boolean) => void} show
 * @param {AbortSignal} alive
 */
function watchAnalysis(moment, show, alive) {
  let [known, watched] = [false, false];
  moment.status.watch((status) => {
    const analysis = status?.blueprint_json?.metadata?.analysis;
    if (status && analysis?.notes.length && !known) {
      known = true;
      show(status, analysis, watched);
    }
    watched ||= status !== null;
  }, alive);
}

/**
 * Call a function with the pitch of the voice, where this device has it: of a remix, that of the hum it was made of.
 *
 * The list of this device mostly knows which that is; the service tells of others.
 * @param {Moment} moment
 * @param {(points: PitchPoint[]) => void} line
 * @param {AbortSignal} alive
 * @returns {(version: string) => Promise<void>} Looks for the recording of another version, unless there is a line already.
 */
function lineFinder(moment, line, alive) {
  let found = false, asked = false;
  const look = async (/** @type {string} */ version) => {
    const kept = found ? null : await recordingOfHum(version);
    if (found || alive.aborted || !kept?.points.length) return;
    found = true;
    line(kept.points);
  };
  void look(moment.id);
  moment.status.watch((status) => {
    if (!status?.parent_id || asked) return;
    asked = true;
    void look(status.parent_id);
  }, alive);
  return look;
}

/** @param {Analysis} analysis */
function pictureOf(analysis) {
  return { notes: notesOf(analysis), beats: analysis.beats ?? [], signature: analysis.time_signature, phrases: analysis.phrases, key: analysis.key };
}

/** @param {Analysis} analysis @param {Edits | null} edits */
function describe(analysis, edits) {
  const pitches = notesOf(analysis).map(({ pitch }) => pitch);
  const [low, high] = [Math.min(...pitches), Math.max(...pitches)].map((pitch) => pitchName(pitch, analysis.key));
  return t(edits ? "heard.picture_edited" : "heard.picture", { count: pitches.length, low, high, edited: edits?.changed.size ?? 0 });
}

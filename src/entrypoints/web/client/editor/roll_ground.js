/** What lies behind the notes: rows of a keyboard, beats and bars, the voice's pitch, and where notes were before. */

import { h, svg } from "../base/dom.js";
import { barsOf } from "../roll/bars.js";
import { pitchName } from "../roll/names.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { Frame } from "../roll/frame.js" */
/** @import { PitchPoint } from "../roll/notes.js" */
/** @import { Notes } from "./note_edits.js" */

const BLACK_KEYS = [1, 3, 6, 8, 10];
const THIN = { "vector-effect": "non-scaling-stroke" };

/**
 * Draw the ground; the frame is as wide as it has seconds, and as high as it has semitones.
 * @param {Frame} frame
 * @param {{ analysis: Analysis, before: Notes, points: PitchPoint[] }} shown
 */
export function rollGround(frame, { analysis, before, points }) {
  const box = `0 0 ${frame.width} ${frame.height}`;
  return svg("svg", { class: "edit-ground", viewBox: box, preserveAspectRatio: "none", "aria-hidden": "true" },
    rowsOf(frame), beatsOf(frame, analysis),
    before.map((note) => svg("rect", { class: "edit-before", x: frame.x(note.start), y: frame.y(note.pitch) - 0.5, height: 1,
      width: frame.x(note.start + note.duration) - frame.x(note.start), ...THIN })),
    svg("path", { class: "edit-voice", d: pathOf(frame, points), ...THIN }));
}

/**
 * Return the names of the rows, which stay in place while the notes are scrolled.
 * @param {Frame} frame
 */
export function rowNames(frame) {
  const names = [];
  for (let pitch = Math.ceil(frame.low / 12) * 12; pitch < frame.high; pitch += 12) {
    const name = h("span", {}, pitchName(pitch));
    name.style.setProperty("top", `${(frame.y(pitch) / frame.height) * 100}%`);
    names.push(name);
  }
  return h("div", { class: "edit-rows", "aria-hidden": "true" }, names);
}

/** @param {Frame} frame */
function rowsOf(frame) {
  const rows = [];
  for (let pitch = frame.low; pitch < frame.high; pitch++) {
    const kind = BLACK_KEYS.includes(pitch % 12) ? "edit-row black" : pitch % 12 === 0 ? "edit-row c" : "";
    if (kind) rows.push(svg("rect", { class: kind, x: 0, width: frame.width, y: frame.y(pitch) - 0.5, height: 1 }));
  }
  return rows;
}

/**
 * @param {Frame} frame
 * @param {Analysis} analysis
 */
function beatsOf(frame, { beats = [], time_signature: metre }) {
  const bars = new Set(barsOf(beats, metre));
  return beats.filter((at) => at >= 0 && at <= frame.end).map((at) => svg("line", {
    class: bars.has(at) ? "edit-beat bar" : "edit-beat", x1: frame.x(at), x2: frame.x(at), y1: 0, y2: frame.height, ...THIN }));
}

/**
 * @param {Frame} frame
 * @param {PitchPoint[]} points
 */
function pathOf(frame, points) {
  let inside = false;
  return points.map(({ at, pitch }) => {
    const step = pitch === null ? "" : `${inside ? "L" : "M"}${frame.x(at).toFixed(3)} ${frame.y(pitch).toFixed(2)}`;
    inside = pitch !== null;
    return step;
  }).join("");
}

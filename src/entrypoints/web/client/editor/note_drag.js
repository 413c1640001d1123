/** Dragging notes with mouse, pen or finger: up and down is pitch, sideways is time, at an edge length. */

import { moved, repitched, withEnd, withStart, endOf } from "./note_edits.js";
import { hitAt } from "./note_hits.js";

/** @import { Frame } from "../roll/frame.js" */
/** @import { Notes } from "./note_edits.js" */
/** @import { Hit } from "./note_hits.js" */
/** @import { Tune } from "./tune.js" */

/**
 * @typedef {object} Ground What is dragged on.
 * @property {HTMLElement} sheet
 * @property {() => Frame} frame As large as the sheet is now.
 * @property {Tune} tune
 * @property {number} last Seconds: where the tune ends at the latest.
 * @property {(index: number) => void} onChoose A note was taken.
 * @property {() => void} onPitch The chosen note has another pitch.
 * @property {(seconds: number) => void} onTap An empty place was tapped,
 * @property {(seconds: number, pitch: number) => void} onDoubleTap or tapped twice.
 * @property {() => void} onDrop
 */

/** @typedef {{ hit: Hit | null, x: number, y: number, notes: Notes, way: "time" | "pitch" | null, id: number }} Grip */

const STILL = 5; // CSS pixels that a finger moves without meaning it
const DOUBLE_MS = 400;
const DOUBLE_REACH = 24;

/**
 * Let notes be dragged.
 * @param {Ground} ground
 * @param {AbortSignal} alive
 */
export function dragNotes(ground, alive) {
  /** @type {Grip | null} */
  let grip = null;
  let tap = { x: 0, y: 0, at: 0 };
  const on = (/** @type {string} */ kind, /** @type {(event: PointerEvent) => void} */ act) =>
    ground.sheet.addEventListener(kind, /** @type {EventListener} */ (act), { signal: alive });
  on("pointerdown", (event) => {
    if (event.button !== 0 || grip) return;
    grip = take(ground, event);
  });
  on("pointermove", (event) => { if (grip?.id === event.pointerId) follow(ground, grip, event); });
  on("pointerup", (event) => {
    if (grip?.id !== event.pointerId) return;
    if (grip.way) ground.onDrop();
    else if (!grip.hit) tap = tapped(ground, event, tap);
    ground.tune.drop();
    grip = null;
  });
  on("pointercancel", () => { grip = null; ground.tune.takeBack(); }); // the browser scrolls instead
}

/**
 * @param {Ground} ground
 * @param {PointerEvent} event
 * @returns {Grip}
 */
function take(ground, event) {
  const { tune, sheet } = ground;
  const at = placeOf(sheet, event);
  const hit = hitAt(tune.notes.value, ground.frame(), { ...at, touch: event.pointerType === "touch" }, tune.chosen.value);
  if (hit) {
    event.preventDefault(); // no text is selected
    sheet.setPointerCapture(event.pointerId);
    ground.onChoose(hit.index);
  }
  return { hit, ...at, notes: tune.notes.value, way: null, id: event.pointerId };
}

/**
 * @param {Ground} ground
 * @param {Grip} grip
 * @param {PointerEvent} event
 */
function follow(ground, grip, event) {
  const { x, y } = placeOf(ground.sheet, event);
  const [right, down] = [x - grip.x, y - grip.y];
  if (!grip.hit || (!grip.way && Math.hypot(right, down) < STILL)) return;
  grip.way ??= grip.hit.part !== "all" || Math.abs(right) > Math.abs(down) ? "time" : "pitch";
  const frame = ground.frame();
  const { pitch } = ground.tune.note;
  ground.tune.drag(dragged(grip, { seconds: frame.seconds(right) - frame.start, semitones: -down / frame.semitone }, frame, ground.last));
  if (ground.tune.note.pitch !== pitch) ground.onPitch();
}

/**
 * Return the notes as they are while one is dragged.
 * @param {Grip} grip
 * @param {{ seconds: number, semitones: number }} by
 * @param {Frame} frame
 * @param {number} last
 */
function dragged({ hit, notes, way }, { seconds, semitones }, frame, last) {
  const { index, part } = /** @type {Hit} */ (hit);
  const note = notes[index];
  if (way === "pitch") return repitched(notes, index, Math.min(Math.max(note.pitch + semitones, frame.low), frame.high - 1));
  if (part === "start") return withStart(notes, index, note.start + seconds);
  if (part === "end") return withEnd(notes, index, endOf(note) + seconds, last);
  return moved(notes, index, note.start + seconds, last);
}

/**
 * @param {Ground} ground
 * @param {PointerEvent} event
 * @param {{ x: number, y: number, at: number }} before
 */
function tapped(ground, event, before) {
  const { x, y } = placeOf(ground.sheet, event);
  const frame = ground.frame();
  const twice = event.timeStamp - before.at < DOUBLE_MS && Math.hypot(x - before.x, y - before.y) < DOUBLE_REACH;
  if (twice) ground.onDoubleTap(frame.seconds(x), Math.round(frame.pitch(y)));
  else ground.onTap(frame.seconds(x));
  return { x, y, at: twice ? 0 : event.timeStamp };
}

/**
 * @param {HTMLElement} sheet
 * @param {PointerEvent} event
 */
function placeOf(sheet, event) {
  const { left, top } = sheet.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

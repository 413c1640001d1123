/** The editor of the notes: the roll, its buttons and keys, and what is heard of an edit. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { noteLabel } from "./bars.js";
import { BUTTONS, COMMANDS, whyNot } from "./commands.js";
import { added, endOf } from "./note_edits.js";
import { takeNoteKeys, takeUndoKeys } from "./note_keys.js";
import { NoteRoll } from "./note_roll.js";
import { TunePlayer } from "./tune_player.js";

/** @import { Analysis } from "../api/types.js" */
/** @import { PitchPoint } from "../roll/notes.js" */
/** @import { Notes } from "./note_edits.js" */
/** @import { Tune } from "./tune.js" */
/** @typedef {{ recording: Promise<Blob | null>, points: PitchPoint[] }} Hum */

/**
 * @param {Tune} tune
 * @param {{ analysis: Analysis, before: Notes, hum: () => Promise<Hum> }} heard The notes before any edit; the hum is
 *   asked for once it is to be shown or heard.
 * @param {AbortSignal} alive
 */
export function noteEditor(tune, { analysis, before, hum }, alive) {
  const length = Math.max(analysis.duration, ...[before, tune.notes.value].map((notes) => endOf(notes[notes.length - 1])));
  const player = new TunePlayer(alive);
  const said = h("p", { role: "status", class: "edit-said" });
  const withHum = h("input", { type: "checkbox", checked: true });
  const acts = actsOn(tune, { player, say: () => { said.textContent = noteLabel(tune.notes.value, tune.chosen.value, analysis); }, length });
  const play = () => (player.playing.value ? player.stop()
    : player.play(() => tune.notes.value, withHum.checked ? hum().then(({ recording }) => recording) : undefined));
  const roll = new NoteRoll({ tune, before, analysis, length, time: player.time }, { ...acts, onChoose: choose }, alive);
  takeNoteKeys(roll.list.element, { tune, run, choose, hear: () => player.tone(tune.note.pitch), play }, alive);
  player.time.watch((seconds) => { if (player.playing.value) roll.follow(seconds); }, alive);
  void hum().then(({ points }) => { if (!alive.aborted && points.length) roll.draw(points); }).catch(() => {});
  const element = h("div", { class: "note-editor" }, h("p", { class: "about" }, t("edit.notes_about")), roll.element,
    playRow({ player, play, withHum, roll }, alive), toolbar({ tune, run, length }, alive), said);
  takeUndoKeys(element, run, alive);
  return element;

  /** @param {number} index */
  function choose(index) {
    tune.chosen.value = Math.min(Math.max(index, 0), tune.notes.value.length - 1);
    roll.list.focus();
    player.tone(tune.note.pitch);
  }

  /** @param {keyof typeof COMMANDS} name */
  function run(name) {
    const [{ pitch }, focused] = [tune.note, roll.list.element.contains(document.activeElement)];
    const why = name === "undo" || name === "redo" ? "" : whyNot(name, tune, length);
    if (why || !COMMANDS[name](tune, length)) return void (said.textContent = why || t("edit.no_room"));
    acts.onDrop();
    if (tune.note.pitch !== pitch || name === "add") player.tone(tune.note.pitch);
    if (focused) roll.list.focus();
  }
}

/**
 * @param {Tune} tune
 * @param {{ player: TunePlayer, say: () => void, length: number }} around
 */
function actsOn(tune, { player, say, length }) {
  return {
    onPitch: () => { player.tone(tune.note.pitch); },
    onDrop: say,
    onTap: (/** @type {number} */ seconds) => { if (!player.playing.value) player.time.value = seconds; },
    onDoubleTap: (/** @type {number} */ start, /** @type {number} */ pitch) => {
      const { notes, index } = added(tune.notes.value, { start, pitch, duration: tune.note.duration }, length);
      if (tune.change(notes, index)) { player.tone(pitch); say(); }
    },
  };
}

/**
 * @param {{ player: TunePlayer, play: () => void, withHum: HTMLInputElement, roll: NoteRoll }} parts
 * @param {AbortSignal} alive
 */
function playRow({ player, play, withHum, roll }, alive) {
  const button = h("button", { type: "button", class: "primary", onclick: play });
  player.playing.watch((playing) => { button.textContent = t(playing ? "edit.stop" : "edit.play"); }, alive);
  const zoom = (/** @type {1 | -1} */ way, /** @type {string} */ sign) =>
    h("button", { type: "button", class: "square", "aria-label": t(way > 0 ? "edit.closer" : "edit.wider"), onclick: () => roll.zoom(way) }, sign);
  return h("div", { class: "edit-row-play" }, button, h("label", { class: "check" }, withHum, t("edit.with_hum")),
    h("span", { class: "edit-zoom" }, zoom(-1, "−"), zoom(1, "+")));
}

/**
 * @param {{ tune: Tune, run: (name: import("./commands.js").Command) => void, length: number }} around
 * @param {AbortSignal} alive
 */
function toolbar({ tune, run, length }, alive) {
  const buttons = BUTTONS.map((name) => {
    const button = h("button", { type: "button", "aria-keyshortcuts": t(`edit.key.${name}`), title: t(`edit.key.${name}`),
      onclick: () => run(name) }, t(`edit.do.${name}`));
    if (name === "undo" || name === "redo") tune.can.watch((can) => { button.disabled = !can[name]; }, alive);
    return { name, button };
  });
  const show = () => buttons.forEach(({ name, button }) => { // the chosen note follows the notes
    if (tune.note && name !== "undo" && name !== "redo") explain(button, whyNot(name, tune, length), t(`edit.key.${name}`));
  });
  tune.notes.watch(show, alive);
  tune.chosen.watch(show, alive);
  return h("div", { class: "edit-toolbar", role: "group", "aria-label": t("edit.tools") }, buttons.map(({ button }) => button));
}

/**
 * Show whether a button does anything; one that does not can still be reached, and says why.
 * @param {HTMLButtonElement} button
 * @param {string} why
 * @param {string} usual Its title else.
 */
function explain(button, why, usual) {
  button.setAttribute("aria-disabled", String(Boolean(why)));
  button.title = why || usual;
}

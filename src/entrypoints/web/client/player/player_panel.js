/** Listening to a moment: its waveform with sections and chords, loops, and a mixer. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { playAsItComes } from "./early_stems.js";
import { listenToKeys } from "./keys.js";
import { showOnLockScreen } from "./lock_screen.js";
import { loopHint } from "./loop_button.js";
import { mixer } from "./mixer.js";
import { musicOf } from "./music.js";
import { sections } from "./sections.js";
import { transport } from "./transport.js";
import { wave } from "./wave.js";

/** @import { Moment } from "../moments/moment.js" */
/** @import { Music } from "./music.js" */

const SOUNDS = ["vocals", "instrumental", "final"];

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function playerPanel(moment, alive) {
  const music = musicOf(moment, alive);
  const panel = h("section", { class: "panel player", hidden: true, "aria-labelledby": "player-title" },
    h("h2", { id: "player-title", class: "unseen" }, t("player.title")),
    transport(music, alive), wave(music, alive), sections(music, alive), loopHint(music, alive), remarks(music, alive), mixer(music, alive));
  moment.status.watch(() => { panel.hidden &&= !SOUNDS.some((name) => moment.artifacts.value.has(name)); }, alive);
  playAsItComes(music, moment, alive);
  listenToKeys(panel, music, alive);
  showOnLockScreen(music, alive);
  return panel;
}

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function remarks(music, alive) {
  const said = h("p", { role: "status", class: "message remark" });
  const show = () => {
    const { trouble, playback, moment } = music;
    const unfinished = playback.hearing.value === "stems" && !moment.artifacts.value.has("final") && !moment.status.value?.terminal;
    if (trouble.value) said.textContent = t(`player.${trouble.value}`);
    else if (unfinished && playback.ready.value) said.textContent = t(moment.artifacts.value.has("instrumental") ? "player.rough" : "player.voice_alone");
    else said.textContent = "";
  };
  for (const signal of [music.trouble, music.playback.ready, music.playback.hearing, music.moment.status]) signal.watch(show, alive);
  return said;
}

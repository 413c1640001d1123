/** Title and controls on lock screens, headphones and keyboards (Media Session), where the browser has them. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { wavOf } from "../base/wav.js";
import { keyInWords } from "../roll/names.js";
import { styleName } from "../styles/style_name.js";

/** @import { Music } from "./music.js" */

const SILENCE_SECONDS = 6; // browsers ignore sounds that are shorter
const RATE = 8000;

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function showOnLockScreen(music, alive) {
  const { mediaSession } = navigator;
  if (!mediaSession) return;
  const { playback } = music;
  const silence = h("audio", { loop: true, "data-background": true });
  playback.playing.watch((playing) => {
    if (playing) start(music, silence);
    else silence.pause();
    mediaSession.playbackState = playing ? "playing" : playback.time.value ? "paused" : "none";
  }, alive);
  let second = -1;
  playback.time.watch((seconds) => {
    if (Math.floor(seconds) !== second) tellPosition(music);
    second = Math.floor(seconds);
  }, alive);
  alive.addEventListener("abort", () => stop(silence), { once: true });
}

/**
 * A session needs a player that sounds, and samples that we mix are none: silence stands for them.
 * @param {Music} music
 * @param {HTMLAudioElement} silence
 */
function start({ playback, moment }, silence) {
  const { style = "", key = "" } = moment.status.value?.blueprint_json ?? {};
  navigator.mediaSession.metadata = new MediaMetadata({ title: t("player.session", { style: styleName(style), key: key && keyInWords(key) }), artist: t("site.name") });
  const acts = /** @type {[MediaSessionAction, MediaSessionActionHandler][]} */ ([
    ["play", () => void playback.play()], ["pause", () => playback.pause()], ["stop", () => playback.pause()],
    ["seekto", ({ seekTime }) => playback.seek(seekTime ?? 0)],
    ["seekbackward", ({ seekOffset }) => playback.seek(playback.time.value - (seekOffset ?? 5))],
    ["seekforward", ({ seekOffset }) => playback.seek(playback.time.value + (seekOffset ?? 5))],
  ]);
  for (const [name, act] of acts) handle(name, act);
  silence.src ||= URL.createObjectURL(wavOf({ samples: new Float32Array(RATE * SILENCE_SECONDS), rate: RATE }));
  silence.play().catch(() => {});
}

/** @param {HTMLAudioElement} silence */
function stop(silence) {
  silence.pause();
  URL.revokeObjectURL(silence.src);
  navigator.mediaSession.metadata = null;
  navigator.mediaSession.playbackState = "none";
  for (const name of /** @type {MediaSessionAction[]} */ (["play", "pause", "stop", "seekto", "seekbackward", "seekforward"])) handle(name, null);
}

/**
 * @param {MediaSessionAction} name
 * @param {MediaSessionActionHandler | null} act
 */
function handle(name, act) {
  try {
    navigator.mediaSession.setActionHandler(name, act);
  } catch {
    // this browser does not know the action
  }
}

/** @param {Music} music */
function tellPosition({ playback }) {
  const [duration, position] = [playback.length.value, playback.time.value];
  if (duration > 0) navigator.mediaSession.setPositionState?.({ duration, position: Math.min(position, duration), playbackRate: 1 });
}

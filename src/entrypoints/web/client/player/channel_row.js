/** One stem of the mixer: mute, solo, level, and a meter. */

import { h } from "../base/dom.js";
import { Signal } from "../base/signal.js";
import { hasText, t } from "../base/text.js";
import { SILENT_DB } from "./channel.js";

/** @import { Channel } from "./channel.js" */
/** @import { Music } from "./music.js" */

const MOST_DB = 6;

/**
 * @param {Channel} channel
 * @param {Music} music
 * @param {AbortSignal} open
 */
export function channelRow(channel, music, open) {
  const name = stemName(channel.name);
  const controls = h("div", { class: "controls" },
    toggle("mute", channel.muted, channel, music, open), toggle("solo", channel.solo, channel, music, open), fader(channel, music, open));
  const loading = h("progress", { max: 1, "aria-label": t("mixer.part", { name }) });
  channel.part.watch((part) => { if (part) loading.value = part; }, open); // without a value it shows that something goes on
  channel.state.watch((state) => {
    loading.hidden = state === "ready" || state === "failed";
    controls.hidden = state !== "ready";
  }, open);
  return h("li", { class: "channel" }, h("span", { class: "name" }, name), loading, controls, h("div", { class: "meter", "aria-hidden": true }));
}

/**
 * @param {string} name Of an artifact.
 */
export function stemName(name) {
  const text = `stem.${name}`;
  return hasText(text) ? t(text) : name;
}

/**
 * @param {"mute" | "solo"} what
 * @param {Signal<boolean>} signal
 * @param {Channel} channel
 * @param {Music} music
 * @param {AbortSignal} open
 */
function toggle(what, signal, channel, music, open) {
  const label = t(`mixer.${what}`, { name: stemName(channel.name) });
  const button = h("button", { type: "button", class: what, "aria-label": label, title: label }, t(`mixer.${what}_short`));
  button.onclick = () => { signal.value = !signal.value; change(music); };
  signal.watch((on) => button.setAttribute("aria-pressed", String(on)), open);
  return button;
}

/**
 * @param {Channel} channel
 * @param {Music} music
 * @param {AbortSignal} open
 */
function fader(channel, music, open) {
  const input = h("input", { type: "range", min: SILENT_DB, max: MOST_DB, step: 1, "aria-label": t("mixer.level", { name: stemName(channel.name) }) });
  input.oninput = () => { channel.fader.value = Number(input.value); change(music); };
  input.ondblclick = () => { channel.fader.value = 0; change(music); };
  channel.fader.watch((db) => {
    input.value = String(db);
    input.setAttribute("aria-valuetext", db <= SILENT_DB ? t("mixer.silent") : t("mixer.decibels", { level: db }));
  }, open);
  return input;
}

/**
 * Let it be heard: whoever touches a stem wants to hear the stems.
 * @param {Music} music
 */
function change(music) {
  music.chosen = true;
  if (music.playback.hearing.value !== "stems") music.playback.hear("stems");
  music.apply();
}

/** The mixer: the finished mix or its stems, which are loaded when it is opened. */

import { bounded } from "../base/bounded.js";
import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { mixerStems } from "./channel.js";
import { channelRow } from "./channel_row.js";
import { runMeters } from "./meters.js";

/** @import { Bus } from "./deck.js" */
/** @import { Music } from "./music.js" */

const AT_ONCE = 3;

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function mixer(music, alive) {
  const rows = h("ul", { class: "channels" });
  const said = h("p", { role: "status", class: "message" });
  const desk = h("div", { id: "mixer", class: "desk", hidden: true }, sources(music, alive), said, rows);
  const button = h("button", { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": "mixer" }, t("mixer.title"));
  const whole = h("div", { class: "mixer", hidden: true }, button, desk);
  /** @type {AbortController | null} */
  let open = null;
  button.onclick = () => {
    open?.abort();
    open = open ? null : new AbortController();
    desk.hidden = !open;
    button.setAttribute("aria-expanded", String(open !== null));
    if (open) void fill(music, rows, said, open.signal);
    else music.playback.hear("mix");
  };
  alive.addEventListener("abort", () => open?.abort(), { once: true });
  const show = () => { whole.hidden = music.trouble.value !== "" || !mixerStems(music.moment.artifacts.value).length; };
  music.trouble.watch(show, alive);
  music.moment.status.watch(show, alive);
  return whole;
}

/**
 * Load the stems and show them, some at a time, so that memory does not hold all files besides their samples.
 * @param {Music} music
 * @param {HTMLElement} rows
 * @param {HTMLElement} said
 * @param {AbortSignal} open Aborts when the mixer is closed.
 */
async function fill(music, rows, said, open) {
  const names = mixerStems(music.moment.artifacts.value);
  for (const { name } of music.channels.value) if (!names.includes(name)) music.drop(name);
  const channels = names.map((name) => music.channel(name));
  replace(rows, channels.map((channel) => channelRow(channel, music, open)));
  runMeters(rows, channels, music, open);
  said.textContent = t("mixer.loading");
  const oneOfFew = bounded(AT_ONCE);
  await Promise.all(channels.map((channel) => oneOfFew(async () => { if (!open.aborted) await music.stem(channel, open).catch(() => {}); })));
  if (open.aborted) return;
  const failed = channels.some(({ state }) => state.value === "failed");
  said.textContent = failed ? t("mixer.failed") : music.inMono ? t("mixer.mono") : "";
}

/**
 * @param {Music} music
 * @param {AbortSignal} alive
 */
function sources(music, alive) {
  const choices = /** @type {Bus[]} */ (["mix", "stems"]).map((bus) => {
    const input = h("input", { type: "radio", name: "source", value: bus });
    input.onchange = () => { music.chosen = true; music.playback.hear(bus); };
    music.playback.hearing.watch((heard) => { input.checked = heard === bus; }, alive);
    return h("label", { class: "source" }, input, h("span", {}, t(`mixer.${bus}`)));
  });
  return h("fieldset", { class: "sources" }, h("legend", { class: "unseen" }, t("mixer.source")), choices);
}

/** One card of a style: a radio button with its name and what it sounds like, and beside it a button that plays it. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { styleName } from "./style_name.js";

/** @import { Style } from "../api/types.js" */
/** @import { SamplePlayer } from "./sample_player.js" */
/** @import { StyleChoice } from "./style_choice.js" */
/** @typedef {{ choice: StyleChoice, player: SamplePlayer, alive: AbortSignal }} Around */

let cards = 0;

/**
 * @param {Style} style
 * @param {number} turn 0–1: where its colour lies on the circle of colours.
 * @param {Around} around
 */
export function styleCard(style, turn, { choice, player, alive }) {
  const radio = radioButton(() => choice.pick(style.name));
  choice.now.watch(({ name, surprised }) => { radio.checked = name === style.name && !surprised; }, alive);
  const about = style.description ? h("span", { class: "style-about" }, style.description) : null;
  const card = cardOf(radio, h("span", { class: "style-name" }, styleName(style.name)), about);
  card.style.setProperty("--turn", String(Math.round(turn * 360)));
  if (style.sample_url) card.append(sampleButton(() => style, { choice, player, alive }));
  return card;
}

/**
 * @param {Style[]} styles
 * @param {Around} around
 */
export function surpriseCard(styles, { choice, player, alive }) {
  const radio = radioButton(() => {});
  radio.onclick = () => choice.roll(); // again and again; arrow keys click as well
  const about = h("span", { class: "style-about style-surprise", role: "status" });
  const found = () => styles.find(({ name }) => name === choice.now.value.name);
  const button = sampleButton(found, { choice, player, alive });
  choice.now.watch(({ name, surprised }) => {
    radio.checked = surprised;
    about.textContent = surprised ? t("styles.surprised", { style: styleName(name) }) : t("styles.surprise_about");
    button.hidden = !surprised || !found()?.sample_url;
  }, alive);
  const card = cardOf(radio, h("span", { class: "style-name" }, t("styles.surprise")), about);
  card.classList.add("surprise");
  card.append(button);
  return card;
}

/** @param {() => void} chosen */
function radioButton(chosen) {
  return h("input", { type: "radio", name: "style", class: "unseen", onchange: chosen });
}

/**
 * @param {HTMLInputElement} radio
 * @param {HTMLElement} name
 * @param {HTMLElement | null} about
 */
function cardOf(radio, name, about) {
  const id = `style-${++cards}`;
  name.id = id;
  radio.setAttribute("aria-labelledby", id);
  if (about) radio.setAttribute("aria-describedby", (about.id = `${id}-about`));
  return h("div", { class: "style-card" }, h("label", {}, radio, name, about));
}

/**
 * @param {() => Style | undefined} styleNow
 * @param {Around} around
 */
function sampleButton(styleNow, { choice, player, alive }) {
  const button = h("button", { type: "button", class: "sample" });
  button.onclick = () => { const style = styleNow(); if (style) void player.toggle(style); };
  const show = () => {
    const { name, loading } = player.now.value;
    const style = styleNow()?.name ?? "";
    const on = name !== "" && name === style;
    button.dataset.state = on ? (loading ? "loading" : "playing") : "silent";
    button.setAttribute("aria-label", t(on ? "styles.stop" : "styles.hear", { style: styleName(style) }));
  };
  player.now.watch(show, alive);
  choice.now.watch(show, alive);
  return button;
}

/** Cards of the styles: one is chosen, each can be heard, and own words may be added. */

import { listStyles } from "../api/client.js";
import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { SamplePlayer } from "./sample_player.js";
import { StyleChoice } from "./style_choice.js";
import { styleCard, surpriseCard } from "./style_card.js";
import { MOST_LETTERS } from "./style_words.js";

/** @import { Style } from "../api/types.js" */
/** @import { Signal } from "../base/signal.js" */

/**
 * Return the cards. The signal has the text that the service is sent: it is read as well, and "" chooses by chance.
 * @param {{ chosen: Signal<string>, alive: AbortSignal, tempo?: number | null }} wishes The tempo of the hum, where it
 *   is known, for the choice by chance.
 */
export function styleCards({ chosen, alive, tempo = null }) {
  const group = h("fieldset", { class: "styles" }, h("legend", {}, t("styles.title")));
  const place = h("div", { class: "style-place" });
  group.append(place);
  void load();
  return group;

  async function load() {
    replace(place, h("p", { role: "status" }, t("styles.loading")));
    try {
      const styles = await listStyles();
      if (!alive.aborted) replace(place, cardsOf(styles, new StyleChoice(styles, tempo), chosen, alive));
    } catch {
      if (!alive.aborted) replace(place, h("p", {}, t("styles.unknown")), again(load));
    }
  }
}

/** @param {() => Promise<void>} load */
function again(load) {
  return h("button", { type: "button", onclick: () => void load() }, t("styles.again"));
}

/**
 * @param {Style[]} styles
 * @param {StyleChoice} choice
 * @param {Signal<string>} chosen
 * @param {AbortSignal} alive
 */
function cardsOf(styles, choice, chosen, alive) {
  const player = new SamplePlayer(alive);
  const about = h("p", { class: "style-about-chosen" });
  chosen.watch((text) => {
    if (!text) choice.roll();
    else if (text !== choice.text) choice.read(text);
  }, alive);
  choice.now.watch(({ name }) => {
    chosen.value = choice.text;
    about.textContent = styles.find((style) => style.name === name)?.description ?? "";
  }, alive);
  const cards = styles.map((style, index) => styleCard(style, index / styles.length, { choice, player, alive }));
  return [h("div", { class: "style-cards" }, surpriseCard(styles, { choice, player, alive }), cards), about, ownWords(choice, alive)];
}

/**
 * @param {StyleChoice} choice
 * @param {AbortSignal} alive
 */
function ownWords(choice, alive) {
  const input = h("input", { type: "text", maxlength: MOST_LETTERS, placeholder: t("styles.words_example"), autocomplete: "off" });
  input.oninput = () => choice.say(input.value);
  choice.now.watch(({ words }) => { if (words.trim() !== input.value.trim()) input.value = words; }, alive);
  return h("label", { class: "field style-words" }, h("span", {}, t("styles.words")), input);
}

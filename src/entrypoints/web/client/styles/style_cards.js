/** Cards of the styles: one is chosen, each can be heard, and own words may be added. */

import { listStyles } from "../api/client.js";
import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { SamplePlayer } from "./sample_player.js";
import { StyleChoice } from "./style_choice.js";
import { styleCard, surpriseCard } from "./style_card.js";
import { styleName } from "./style_name.js";
import { MOST_LETTERS, namedIn } from "./style_words.js";

/** @import { Style } from "../api/types.js" */
/** @import { Choice } from "./style_choice.js" */
/** @import { Signal } from "../base/signal.js" */

/**
 * Return the cards. The signal has the text that the service is sent: it is read as well, and "" chooses by chance.
 * @param {{ chosen: Signal<string>, alive: AbortSignal, tempo?: number | null, found?: (styles: Style[]) => void }} wishes
 *   The tempo of the hum, where it is known, for the choice by chance; what is told the styles, once they are there.
 */
export function styleCards({ chosen, alive, tempo = null, found = () => {} }) {
  const group = h("fieldset", { class: "styles" }, h("legend", {}, t("styles.title")));
  const place = h("div", { class: "style-place" });
  group.append(place);
  void load();
  return group;

  async function load() {
    replace(place, h("p", { role: "status" }, t("styles.loading")));
    try {
      const styles = await listStyles();
      if (alive.aborted) return;
      replace(place, cardsOf(styles, new StyleChoice(styles, tempo), chosen, alive));
      found(styles);
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
  return [h("div", { class: "style-cards" }, surpriseCard(styles, { choice, player, alive }), cards), about, ownWords(choice, styles, alive)];
}

/**
 * @param {StyleChoice} choice
 * @param {Style[]} styles
 * @param {AbortSignal} alive
 */
function ownWords(choice, styles, alive) {
  const input = h("input", { type: "text", maxlength: MOST_LETTERS, placeholder: t("styles.words_example"), autocomplete: "off" });
  input.oninput = () => choice.say(input.value);
  choice.now.watch(({ words }) => { if (words.trim() !== input.value.trim()) input.value = words; }, alive);
  const effect = h("p", { role: "status" });
  choice.now.watch((now) => { effect.textContent = wordsEffect(now, styles); }, alive);
  return h("div", { class: "style-words" }, h("label", { class: "field" }, h("span", {}, t("styles.words")), input), effect);
}

/**
 * Return what somebody's own words do beside the cards, as far as the page knows; the service knows more words.
 * @param {Choice} choice
 * @param {Style[]} styles
 */
function wordsEffect({ name, surprised, words }, styles) {
  if (!words.trim()) return "";
  if (!name) return t("styles.words_alone");
  const replaces = namedIn(words, styles) || (!surprised && words.trim().toLowerCase() === name);
  return t(replaces ? "styles.words_choose" : "styles.words_colour", { style: styleName(name) });
}

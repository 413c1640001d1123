/** Which style is chosen: by a card, by chance, or in a person's own words. */

import { Signal } from "../base/signal.js";
import { meantIn, namedIn, readStyle, styleText } from "./style_words.js";
import { surprise } from "./surprise.js";

/** @import { Style } from "../api/types.js" */

/**
 * @typedef {object} Choice
 * @property {string} name Of a style, or "" where no card stands for what was written.
 * @property {boolean} surprised Whether chance chose it.
 * @property {string} words What was written besides.
 */

export class StyleChoice {
  /** @type {Signal<Choice>} */
  now = new Signal(/** @type {Choice} */ ({ name: "", surprised: false, words: "" }));
  #styles;
  #tempo;

  /**
   * @param {Style[]} styles
   * @param {number | null} tempo Of the hum, where it is known.
   */
  constructor(styles, tempo) {
    this.#styles = styles;
    this.#tempo = tempo;
  }

  /** The text that the service is sent. */
  get text() {
    return styleText(this.now.value.words, this.now.value.name, this.#styles);
  }

  /** Choose by chance, and another one than before. */
  roll() {
    const name = surprise(this.#styles, { tempo: this.#tempo, except: this.now.value.name });
    this.now.value = { name, surprised: true, words: this.#wordsBeside() };
  }

  /** @param {string} name */
  pick(name) {
    this.now.value = { name, surprised: false, words: this.#wordsBeside() };
  }

  /** @param {string} words Those that name a style choose its card; in place of chance, those that mean one do as well. */
  say(words) {
    const { name, surprised } = this.now.value;
    const named = (surprised ? meantIn : namedIn)(words, this.#styles);
    this.now.value = { name: named || name, surprised: surprised && !named, words };
  }

  /** @param {string} text As a blueprint has it. */
  read(text) {
    this.now.value = { ...readStyle(text, this.#styles), surprised: false };
  }

  /** Words that name another style than the card would win over it. */
  #wordsBeside() {
    const { words } = this.now.value;
    return namedIn(words, this.#styles) ? "" : words;
  }
}

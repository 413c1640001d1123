/** Plays the sound of one style at a time. */

import { keyHeaders } from "../api/key.js";
import { notify } from "../base/notices.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { claimSound, releaseSound } from "../player/one_at_a_time.js";

/** @import { Style } from "../api/types.js" */
/** @typedef {{ name: string, loading: boolean }} Playing The style that is heard, or will be; "" is none. */

const NOTHING = Object.freeze({ name: "", loading: false });
const PATIENCE = { Prefer: "wait=30" }; // the first who asks waits until the service has made it

export class SamplePlayer {
  /** @type {Signal<Playing>} */
  now = new Signal(/** @type {Playing} */ (NOTHING));
  #audio = new Audio();
  #alive;
  /** @type {Map<string, string>} */
  #sources = new Map();

  /** @param {AbortSignal} alive */
  constructor(alive) {
    this.#alive = alive;
    this.#audio.onended = () => this.stop();
    alive.addEventListener("abort", () => this.#close(), { once: true });
  }

  /**
   * Play the sound of a style, or stop it where it plays.
   * @param {Style} style
   */
  async toggle(style) {
    const again = this.now.value.name === style.name;
    this.stop();
    if (again || !style.sample_url) return;
    const asked = (this.now.value = { name: style.name, loading: true });
    try {
      this.#audio.src = await this.#sourceOf(style.name, style.sample_url);
      if (this.now.value !== asked) return;
      claimSound(this);
      await this.#audio.play();
      if (this.now.value === asked) this.now.value = { name: style.name, loading: false };
    } catch {
      if (this.now.value === asked) this.#fail();
    }
  }

  stop() {
    this.#audio.pause();
    this.now.value = NOTHING;
    releaseSound(this);
  }

  /** Something else is to sound. */
  pause() {
    this.stop();
  }

  #fail() {
    this.stop();
    if (!this.#alive.aborted) notify(t("styles.no_sample"));
  }

  /**
   * @param {string} name
   * @param {string} url
   */
  async #sourceOf(name, url) {
    const source = this.#sources.get(name) ?? (await fetched(url, this.#alive));
    if (source) this.#sources.set(name, source);
    return source ?? url;
  }

  #close() {
    this.stop();
    for (const source of this.#sources.values()) URL.revokeObjectURL(source);
  }
}

/**
 * Return where a sound can be played from, as often as one likes; null where it cannot be read: a store that lets no page
 * read it may still let one play it.
 * @param {string} url
 * @param {AbortSignal} alive
 */
async function fetched(url, alive) {
  const answer = await fetch(url, { headers: { ...keyHeaders(), ...PATIENCE }, signal: alive }).catch(() => null);
  if (!answer) return null;
  if (!answer.ok) throw new Error(answer.statusText);
  return URL.createObjectURL(await answer.blob());
}

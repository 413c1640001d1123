/** Plays the music of a list, one at a time. */

import { notify } from "../base/notices.js";
import { Signal } from "../base/signal.js";
import { explain } from "./explain.js";
import { signedUrl } from "./requests.js";

export class ListPlayer {
  /** The id of what plays, or "". */
  playing = new Signal("");
  /** The id of what was played last, which goes on from where it was. */
  chosen = new Signal("");
  /** Seconds. */
  time = new Signal(0);
  /** Seconds; 0 while it is not known. */
  length = new Signal(0);
  #audio = new Audio();
  #alive;
  #fresh = false;

  /** @param {AbortSignal} alive */
  constructor(alive) {
    this.#alive = alive;
    const audio = this.#audio;
    audio.ontimeupdate = () => { this.time.value = audio.currentTime; };
    audio.ondurationchange = () => { this.length.value = Number.isFinite(audio.duration) ? audio.duration : 0; };
    audio.onplay = () => { this.playing.value = this.chosen.value; };
    audio.onpause = audio.onended = () => { this.playing.value = ""; };
    audio.onerror = () => void this.#again();
    alive.addEventListener("abort", () => this.stop(), { once: true });
  }

  /**
   * Play a moment, or pause it.
   * @param {string} id
   * @param {string} url Of its music.
   */
  toggle(id, url) {
    if (this.playing.value === id) return this.#audio.pause();
    if (this.chosen.value !== id) {
      this.chosen.value = id;
      this.#fresh = false;
      this.#audio.src = url;
    }
    this.#audio.play().catch(() => {}); // `onerror` knows more
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.#audio.currentTime = seconds;
  }

  /** Stop, and give the file back. */
  stop() {
    this.#audio.pause();
    this.chosen.value = "";
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  /** Try once more, with a URL that cannot have expired. */
  async #again() {
    const id = this.chosen.value;
    if (!id || this.#fresh || this.#alive.aborted) return;
    this.#fresh = true;
    try {
      this.#audio.src = await signedUrl(id, { artifact: "final" }, this.#alive);
      await this.#audio.play();
    } catch (error) {
      if (!this.#alive.aborted) notify(explain(error));
    }
  }
}

/** What there is to hear of a moment: loads the finished mix, and the stems when somebody wants them. */

import { Signal } from "../base/signal.js";
import { canMix } from "./audio_context.js";
import { balance, energiesOf, sumOf } from "./balance.js";
import { Channel, mixerStems } from "./channel.js";
import { ElementDeck } from "./element_deck.js";
import { Unreadable } from "./fetch_sound.js";
import { loadSound } from "./load_sound.js";
import { Outlines } from "./outlines.js";
import { Playback } from "./playback.js";

/** @import { PlayedChord, PlayedSection } from "../api/types.js" */
/** @import { Moment } from "../moments/moment.js" */
/** @import { Energies } from "./balance.js" */

/**
 * Why there is no mixer: scripts may not read the files, the browser cannot decode them, or cannot mix at all; or nobody
 * can have them now.
 * @typedef {"" | "unreadable" | "undecodable" | "unreachable"} Trouble
 */

const MOST_MEMORY = 256 * 2 ** 20;
const BYTES_PER_SECOND = 44_100 * 4 * 2;
const BALANCING_SECONDS = 0.1;

/** @type {WeakMap<Moment, Music>} */
const known = new WeakMap();

/**
 * Return the music of a moment; all parts of a view share it.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function musicOf(moment, alive) {
  const music = known.get(moment) ?? new Music(moment, alive);
  known.set(moment, music);
  return music;
}

/**
 * Return what plays a moment; `load()` fetches its finished mix.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export const playbackOf = (moment, alive) => musicOf(moment, alive).playback;

export class Music {
  /** @type {Signal<Trouble>} */
  trouble = new Signal(/** @type {Trouble} */ (""));
  /** How much of the finished mix is here, 0–1. */
  part = new Signal(0);
  /** @type {Signal<readonly Channel[]>} */
  channels = new Signal(/** @type {readonly Channel[]} */ ([]));
  /** @type {Signal<readonly PlayedSection[]>} */
  form = new Signal(/** @type {readonly PlayedSection[]} */ ([]));
  /** @type {Signal<readonly PlayedChord[]>} */
  chords = new Signal(/** @type {readonly PlayedChord[]} */ ([]));
  /** Whether somebody has chosen what to hear. */
  chosen = false;
  /** @type {Map<string, Energies>} */ #energies = new Map();
  #outlines = new Outlines();
  /** @type {Promise<void> | null} */ #mix = null;

  /**
   * @param {Moment} moment
   * @param {AbortSignal} alive
   */
  constructor(moment, alive) {
    this.moment = moment;
    this.alive = alive;
    this.playback = new Playback(alive, () => this.mix());
    moment.status.watch((status) => {
      if (!this.form.value.length && status?.form.length) this.form.value = status.form;
      if (!this.chords.value.length && status?.harmony?.length) this.chords.value = status.harmony;
    }, alive);
    window.addEventListener("online", () => { if (this.trouble.value === "unreachable") this.mix().catch(() => {}); }, { signal: alive });
  }

  /** Load the finished mix, once. */
  mix() {
    this.#mix ??= this.#loadMix().catch((error) => {
      this.#mix = null; // the next one who wants it tries again
      throw error;
    });
    return this.#mix;
  }

  /**
   * Load a stem; where the music plays, it joins in.
   * @param {Channel} channel
   * @param {AbortSignal} alive
   */
  async stem(channel, alive) {
    if (channel.state.value === "ready" || channel.state.value === "loading") return;
    channel.state.value = "loading";
    try {
      const sound = await loadSound(this.moment, channel.name, channel.part, alive, this.inMono);
      if (alive.aborted) throw alive.reason;
      await this.#balance(channel.name, sound);
      this.playback.add(channel.name, "stems", sound, channel.factor(this.someSolo));
      channel.state.value = "ready";
      await this.#outlines.add(channel.name, sound, this.alive);
    } catch (error) {
      channel.state.value = alive.aborted ? "waiting" : "failed";
      if (!alive.aborted) throw error;
    }
  }

  /**
   * Return the channel of a stem.
   * @param {string} name
   */
  channel(name) {
    const found = this.channels.value.find((channel) => channel.name === name) ?? new Channel(name);
    if (!this.channels.value.includes(found)) this.channels.value = [...this.channels.value, found];
    return found;
  }

  /** Whether only some stems are to be heard. */
  get someSolo() {
    return this.channels.value.some((channel) => channel.solo.value);
  }

  /** Let all stems sound as their channels say. */
  apply(seconds = 0.015) {
    for (const channel of this.channels.value) this.playback.tracks.level(channel.name, channel.factor(this.someSolo), seconds);
  }

  /** Let go of a stem. @param {string} name */
  drop(name) {
    this.playback.tracks.remove(name);
    this.#energies.delete(name);
    this.channels.value = this.channels.value.filter((channel) => channel.name !== name);
  }

  /** What the waveform shows. */
  get outline() {
    return this.#outlines.shown;
  }

  /** Whether the stems must be kept in mono, since all of them and the mix would take too much memory. */
  get inMono() {
    const files = this.moment.artifacts.value;
    const seconds = files.get("final")?.seconds ?? files.get("vocals")?.seconds ?? this.playback.length.value;
    return (mixerStems(files).length + 1) * seconds * BYTES_PER_SECOND > MOST_MEMORY;
  }

  async #loadMix() {
    this.trouble.value = "";
    try {
      if (!canMix()) throw new Unreadable("this browser cannot mix");
      const sound = await loadSound(this.moment, "final", this.part, this.alive);
      this.playback.add("final", "mix", sound, 1);
      await this.#outlines.add("final", sound, this.alive);
      await this.#balance("final", sound);
    } catch (error) {
      if (this.alive.aborted || !(error instanceof Error)) throw error;
      this.trouble.value = error instanceof Unreadable ? "unreadable" : "undecodable";
      this.playback.useElement(new ElementDeck(() => this.#url(), {
        ended: () => this.playback.over(), known: () => this.playback.measured(), failed: () => this.#lose(),
      }));
    }
  }

  /** Not even the browser's own player has it: the network is away, or the file is. */
  #lose() {
    if (this.alive.aborted) return;
    this.#mix = null; // the next one who wants it tries again
    this.playback.loseElement();
    this.trouble.value = "unreachable";
  }

  async #url() {
    if (!this.moment.artifacts.value.has("final") || this.playback.ready.value) await this.moment.refresh(this.alive);
    return this.moment.artifacts.value.get("final")?.url ?? "";
  }

  /**
   * @param {string} name
   * @param {AudioBuffer} sound
   */
  async #balance(name, sound) {
    this.#energies.set(name, await energiesOf(sound));
    const { vocals: voice, instrumental, final: mix, ...parts } = Object.fromEntries(this.#energies);
    const factors = balance({ voice, band: instrumental ?? sumOf(Object.values(parts)), mix });
    for (const channel of this.channels.value) channel.base = channel.name === "vocals" ? factors.voice : factors.band;
    this.apply(BALANCING_SECONDS);
  }
}

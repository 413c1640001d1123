/** Plays one moment's music: the finished mix or its stems, with a loop; only one of them sounds on the page. */

import { Signal } from "../base/signal.js";
import { awaken, rest, stayAwake } from "./audio_context.js";
import { claimSound, passSound, releaseSound } from "./one_at_a_time.js";
import { Tracks } from "./tracks.js";

/** @import { Bus, Span } from "./deck.js" */
/** @import { ElementDeck } from "./element_deck.js" */

/** Seconds. */
export const SHORTEST_LOOP = 0.1;

export class Playback {
  /** Seconds of the music that are heard now. */
  time = new Signal(0);
  playing = new Signal(false);
  /** Seconds; 0 while it is not known. */
  length = new Signal(0);
  /** @type {Signal<Span | null>} */
  loop = new Signal(/** @type {Span | null} */ (null));
  /** @type {Signal<Bus>} */
  hearing = new Signal(/** @type {Bus} */ ("mix"));
  /** Whether the browser wants somebody to press play. */
  blocked = new Signal(false);
  /** Whether there is something to play. */
  ready = new Signal(false);

  /** What is played of it, but for the browser's own player. */
  tracks = new Tracks(() => this.over());
  /** @type {ElementDeck | null} */ #element = null;
  #wanted = false;
  #place = 0;
  #frame = 0;

  /**
   * @param {AbortSignal} alive
   * @param {() => Promise<void>} load Loads the finished mix, once.
   */
  constructor(alive, load) {
    this.alive = alive;
    this.load = load;
    alive.addEventListener("abort", () => this.#free(), { once: true });
    for (const event of ["visibilitychange", "focus", "pageshow"]) {
      window.addEventListener(event, () => this.#wake(), { signal: alive, capture: true });
    }
  }

  /** Start as soon as there is something to play; `blocked` tells that the browser wants a gesture first. */
  async play() {
    this.#wanted = true;
    if (!this.ready.value) return void this.load().catch(() => { this.#wanted = false; });
    if (this.playing.value || this.alive.aborted) return;
    if (this.#place >= this.length.value - 0.05) this.#place = this.loop.value?.start ?? 0;
    this.blocked.value = !(await this.#allowed());
    if (!this.#wanted) return void this.#element?.stop(); // somebody has thought better of it meanwhile
    if (this.blocked.value || this.playing.value || this.alive.aborted) return;
    claimSound(this);
    this.tracks.deck?.start(this.#place, this.loop.value);
    this.#goes();
  }

  pause() {
    this.#wanted = false;
    if (!this.playing.value) return;
    this.#halt(this.#engine?.stop() ?? 0);
  }

  toggle() {
    if (this.playing.value || (this.#wanted && !this.ready.value)) this.pause();
    else void this.play();
  }

  /** @param {number} seconds A loop that does not contain them ends. */
  seek(seconds) {
    const to = Math.min(Math.max(0, seconds), this.length.value || Infinity);
    if (this.loop.value && !within(to, this.loop.value)) this.loop.value = null;
    if (this.playing.value) void this.#engine?.start(to, this.loop.value);
    this.time.value = this.#place = to;
  }

  /** @param {Span | null} span */
  setLoop(span) {
    const loop = span && { start: Math.max(0, span.start), end: Math.min(span.end, this.length.value || Infinity) };
    if (loop && loop.end - loop.start < SHORTEST_LOOP) return;
    this.loop.value = loop;
    const inside = !loop || within(this.position, loop);
    if (this.playing.value) void this.#engine?.start(inside ? null : loop.start, loop);
    else if (!inside) this.seek(loop.start);
  }

  /** Where the audio clock is, in seconds of the music: a little ahead of what is heard. */
  get position() {
    return this.playing.value ? this.#engine?.positionAt() ?? 0 : this.#place;
  }

  /**
   * Go on with another music at the same place, without a gap; both are loaded. What was stopped stays so.
   * @param {Playback} other
   * @param {(seconds: number) => number} [place] Where in the other music a place of this one is.
   */
  async switchTo(other, place = (seconds) => seconds) {
    if (!this.playing.value) return other.seek(place(this.position));
    if (!this.tracks.deck || !other.tracks.open(other.alive)) {
      this.pause();
      other.seek(place(this.#place));
      return other.play();
    }
    const at = this.tracks.deck.soon;
    passSound(other);
    other.loop.value = null;
    other.#place = Math.min(place(this.tracks.deck.positionAt(at)), other.length.value);
    other.tracks.deck?.start(other.#place, null, at);
    this.#wanted = false;
    this.#halt(this.tracks.deck.stop(at));
    other.#goes();
  }

  /**
   * Add a track, or replace one; where the music plays, it joins in.
   * @param {string} name
   * @param {Bus} bus
   * @param {AudioBuffer} buffer
   * @param {number} level A factor.
   */
  add(name, bus, buffer, level) {
    this.tracks.add(name, bus, buffer, level);
    this.length.value = Math.max(this.length.value, buffer.duration);
    this.#begin();
  }

  /**
   * Play with the browser's own player: it has the finished mix alone.
   * @param {ElementDeck} element
   */
  useElement(element) {
    this.#element = element;
    this.#begin();
  }

  /** The browser's player cannot have the music either: whoever wants to hear it loads it again. */
  loseElement() {
    this.pause();
    this.#element?.close();
    this.#element = null;
    this.ready.value = !this.tracks.empty;
    this.blocked.value = false;
  }

  /** The browser's player knows how long the music is. */
  measured() {
    this.length.value = this.#element?.length ?? 0;
  }

  /** The music has come to its end. */
  over() {
    this.#halt(this.length.value);
  }

  /**
   * Hear the finished mix or the stems.
   * @param {Bus} bus
   * @param {number} seconds That the change takes.
   */
  hear(bus, seconds = 0.06) {
    this.hearing.value = bus;
    this.tracks.show(bus, seconds);
  }

  get #engine() {
    return this.tracks.deck ?? this.#element;
  }

  #begin() {
    this.ready.value = true;
    if (this.#wanted) void this.play();
  }

  /** Return whether the browser lets us play; its own player tells by playing. */
  async #allowed() {
    const deck = this.tracks.open(this.alive);
    if (deck) return awaken(/** @type {AudioContext} */ (deck.context));
    return this.#element?.start(this.#place, this.loop.value) ?? false;
  }

  #goes() {
    stayAwake();
    this.playing.value = true;
    const show = () => {
      this.time.value = this.tracks.deck?.heard ?? this.position;
      this.#frame = requestAnimationFrame(show);
    };
    cancelAnimationFrame(this.#frame);
    show();
  }

  /** @param {number} place Seconds. */
  #halt(place) {
    cancelAnimationFrame(this.#frame);
    this.playing.value = false;
    this.time.value = this.#place = Math.min(place, this.length.value || place);
    releaseSound(this);
    if (this.tracks.deck) rest(/** @type {AudioContext} */ (this.tracks.deck.context));
  }

  /** After another tab, a call or other headphones the context may sleep, though the music is to go on. */
  #wake() {
    if (this.playing.value && this.tracks.deck && !document.hidden) void awaken(/** @type {AudioContext} */ (this.tracks.deck.context));
  }

  #free() {
    this.pause();
    this.tracks.clear();
    this.#element?.close();
  }
}

/**
 * @param {number} seconds
 * @param {Span} span
 */
function within(seconds, { start, end }) {
  return seconds >= start && seconds < end;
}

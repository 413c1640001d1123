/** A stem in the mixer: how far it is loaded, and how loud it shall be. */

import { Signal } from "../base/signal.js";
import { decibels } from "./balance.js";

/** @typedef {"waiting" | "loading" | "ready" | "failed"} ChannelState */

/** Decibels at which a fader is at its lower end: silence. */
export const SILENT_DB = -40;

/** The voice first; the band, or the players in it. @type {readonly string[]} */
export const STEMS = ["vocals", "instrumental", "part_lead", "part_chords", "part_bass", "part_drums", "part_other"];

export class Channel {
  state = new Signal(/** @type {ChannelState} */ ("waiting"));
  /** How much of it is here, 0–1. */
  part = new Signal(0);
  muted = new Signal(false);
  solo = new Signal(false);
  /** Decibels. */
  fader = new Signal(0);
  /** The factor at which it sounds as it does in the finished mix. */
  base = 1;

  /** @param {string} name Of the artifact. */
  constructor(name) {
    this.name = name;
  }

  /**
   * Return the factor at which it sounds.
   * @param {boolean} someSolo Whether only those with `solo` are heard.
   */
  factor(someSolo) {
    const silent = this.muted.value || (someSolo && !this.solo.value) || this.fader.value <= SILENT_DB;
    return silent ? 0 : this.base * decibels(this.fader.value);
  }
}

/**
 * Return which stems a mixer shows: the players, where they were asked for, in place of the band.
 * @param {ReadonlyMap<string, unknown>} files
 */
export function mixerStems(files) {
  const there = STEMS.filter((name) => files.has(name));
  return there.some(isPart) ? there.filter((name) => name !== "instrumental") : there;
}

/** @param {string} name */
export function isPart(name) {
  return name.startsWith("part_");
}

/** Plays a moment while it is still being made: the voice as soon as it is sung, then the band with it, then the mix. */

import { leaving } from "../base/waiting.js";

/** @import { Moment } from "../moments/moment.js" */
/** @import { Music } from "./music.js" */

const EARLY = ["vocals", "instrumental"];
const SWITCH_SECONDS = 0.25;

/**
 * Load and play what is there of a moment, until the finished mix takes over at the same place.
 *
 * What was finished before somebody looked is loaded only: no page starts to sound by being opened.
 * @param {Music} music
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function playAsItComes(music, moment, alive) {
  const early = leaving(alive);
  /** @type {Set<string>} */
  const tried = new Set(); // every refresh tells of the same files again
  let awaited = false;
  let started = false;
  const start = () => {
    if (awaited && !started) void music.playback.play();
    started = true;
  };
  moment.status.watch((status) => {
    const files = moment.artifacts.value;
    awaited ||= status !== null && !status.terminal;
    const wanted = files.has("final") ? ["final"] : awaited && !savesData() ? EARLY : [];
    for (const name of wanted.filter((file) => files.has(file) && !tried.has(file))) {
      tried.add(name);
      void (name === "final" ? finish(music, early) : join(music, name, early.signal)).then(start, () => {});
    }
  }, alive);
}

/**
 * @param {Music} music
 * @param {string} name
 * @param {AbortSignal} signal
 */
async function join(music, name, signal) {
  if (!music.playback.ready.value) music.playback.hear("stems", 0);
  await music.stem(music.channel(name), signal);
  signal.throwIfAborted();
}

/**
 * @param {Music} music
 * @param {AbortController} early
 */
async function finish(music, early) {
  await music.mix();
  if (early.signal.aborted || music.trouble.value) return;
  early.abort(); // what is not here yet is loaded when somebody opens the mixer
  if (!music.chosen) music.playback.hear("mix", SWITCH_SECONDS);
}

function savesData() {
  const { connection } = /** @type {Navigator & { connection?: { saveData?: boolean } }} */ (navigator);
  return connection?.saveData === true;
}

/** The keys of the player: space anywhere on the page where nothing else wants it, the others inside the player. */

import { toggleLoop } from "./loop_button.js";

/** @import { Music } from "./music.js" */

const STEP_SECONDS = 1;
const OWN_KEYS = "input, select, textarea, [role=slider]:not(.slider), [contenteditable]";
const WANT_SPACE = `button, a, summary, audio, video, [tabindex="0"], ${OWN_KEYS}`;

/**
 * @param {HTMLElement} panel
 * @param {Music} music
 * @param {AbortSignal} alive
 */
export function listenToKeys(panel, music, alive) {
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || panel.closest("[hidden]") || !(target instanceof Element)) return;
    const here = panel.contains(target) && !target.closest(OWN_KEYS);
    const plays = key === " " && (target.classList.contains("slider") || !target.closest(WANT_SPACE));
    if (!(plays ? toggle(music, event) : here && act(key, music))) return;
    event.preventDefault();
  }, { signal: alive });
}

/**
 * @param {Music} music
 * @param {KeyboardEvent} event
 */
function toggle({ playback }, { repeat }) {
  if (!repeat) playback.toggle();
  return true;
}

/**
 * Do what a key means; return whether it means something.
 * @param {string} key
 * @param {Music} music
 */
function act(key, music) {
  const { playback } = music;
  const { time, length, loop } = playback;
  const [now, tenth] = [time.value, length.value / 10];
  const places = new Map([
    ["ArrowLeft", now - STEP_SECONDS], ["ArrowRight", now + STEP_SECONDS], ["PageDown", now - tenth], ["PageUp", now + tenth],
    ["ArrowDown", now - STEP_SECONDS], ["ArrowUp", now + STEP_SECONDS], ["Home", 0], ["End", length.value],
  ]);
  const place = places.get(key);
  if (place !== undefined) playback.seek(place);
  else if (key === "l") toggleLoop(music);
  else if (key === "[") playback.setLoop({ start: now, end: loop.value && loop.value.end > now ? loop.value.end : length.value });
  else if (key === "]") playback.setLoop({ start: loop.value && loop.value.start < now ? loop.value.start : 0, end: now });
  else if (key === "Escape" && loop.value) playback.setLoop(null);
  else return false;
  return true;
}

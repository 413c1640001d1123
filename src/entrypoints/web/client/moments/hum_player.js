/** A button that plays the hum itself. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { claimSound, releaseSound } from "../player/one_at_a_time.js";

/** @import { Moment } from "./moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 * @param {(at: number | null) => void} heard Called with the second that is heard, and with null once nothing is.
 */
export function humPlayer(moment, alive, heard) {
  const audio = new Audio();
  audio.preload = "none";
  const button = h("button", { type: "button", class: "hear", hidden: true }, t("heard.hear"));
  const tick = () => {
    if (audio.paused || alive.aborted) return;
    heard(audio.currentTime);
    requestAnimationFrame(tick);
  };
  const show = () => { button.textContent = t(audio.paused ? "heard.hear" : "heard.stop"); };
  audio.addEventListener("play", () => { claimSound(audio); show(); tick(); });
  audio.addEventListener("pause", () => { releaseSound(audio); show(); heard(null); });
  audio.addEventListener("error", () => { button.hidden = true; }); // not every browser plays what another one recorded
  button.onclick = () => {
    if (!audio.paused) return audio.pause();
    audio.src = moment.artifacts.value.get("original")?.url ?? "";
    audio.play().catch(() => {});
  };
  moment.artifacts.watch((files) => { button.hidden = !files.has("original"); }, alive);
  alive.addEventListener("abort", () => audio.pause(), { once: true });
  return button;
}

/** A button that plays the hum itself. */

import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { claimSound, releaseSound } from "../player/one_at_a_time.js";

/** @import { Moment } from "./moment.js" */

const TRIES = 2;

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
  let asked = { tries: 0 };
  const start = () => {
    audio.src = moment.artifacts.value.get("original")?.url ?? "";
    audio.play().catch(() => {}); // the event `error` follows
  };
  audio.addEventListener("error", async () => {
    audio.pause();
    const now = asked;
    now.tries += 1;
    if (now.tries === TRIES) notify(t("heard.unplayable")); // not every browser plays what another one recorded
    if (now.tries >= TRIES) return;
    await moment.refresh().catch(() => {}); // a signed URL expires
    if (!alive.aborted && now === asked) start();
  });
  button.onclick = () => {
    if (!audio.paused) return audio.pause();
    asked = { tries: 0 };
    start();
  };
  moment.artifacts.watch((files) => { button.hidden = !files.has("original"); }, alive);
  alive.addEventListener("abort", () => audio.pause(), { once: true });
  return button;
}

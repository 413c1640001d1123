/** The music. */

import { h } from "../base/dom.js";

/** @import { Moment } from "../moments/moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function playerPanel(moment, alive) {
  const audio = h("audio", { controls: true, preload: "auto" });
  const panel = h("section", { class: "panel player", hidden: true }, audio);
  moment.status.watch((status) => {
    const music = status?.final_audio_url;
    panel.hidden = !music;
    if (!music || audio.src) return; // a fresh signed URL of the same music must not start it again
    audio.src = music;
    audio.play().catch(() => {}); // without a gesture on this page, browsers may refuse
  }, alive);
  alive.addEventListener("abort", () => audio.pause(), { once: true });
  return panel;
}

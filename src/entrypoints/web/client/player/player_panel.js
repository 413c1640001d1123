/** The music, and its files. */

import { h, replace } from "../base/dom.js";

/** @import { Moment } from "../moments/moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function playerPanel(moment, alive) {
  const audio = h("audio", { controls: true, preload: "auto" });
  const files = h("p", { class: "files" });
  const panel = h("section", { class: "panel player", hidden: true }, audio, files);
  moment.status.watch((status) => {
    const music = status?.final_audio_url;
    panel.hidden = !music;
    if (!music || audio.src) return; // a fresh signed URL of the same music must not start it again
    audio.src = music;
    replace(files, status.artifacts_detail.map(({ name, url }) => [h("a", { href: url }, name), " "]));
    audio.play().catch(() => {}); // without a gesture on this page, browsers may refuse
  }, alive);
  alive.addEventListener("abort", () => audio.pause(), { once: true });
  return panel;
}

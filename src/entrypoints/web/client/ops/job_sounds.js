/** The recording, the music and the files of a job, where the operator may have them. */

import { Problem } from "../api/client.js";
import { h, replace } from "../base/dom.js";
import { fileSize, t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { readMoment } from "./operations.js";

/** @import { Artifact } from "../api/types.js" */
/** @import { Signal } from "../base/signal.js" */
/** @import { Timeline } from "./types.js" */

const PLAYED = new Set(["original", "final"]);

/**
 * @param {string} id
 * @param {Signal<Timeline | null>} timeline
 * @param {AbortSignal} alive
 */
export function jobSounds(id, timeline, alive) {
  const place = h("div", {}, h("p", { class: "quiet" }, t("ops.sounds.hint")));
  const load = h("button", { type: "button" }, t("ops.sounds.load")); // links are signed for a while: only on demand
  load.onclick = () => void show(id, place, alive);
  const panel = h("section", { class: "panel", hidden: true }, h("h2", {}, t("ops.sounds.title")), place, load);
  timeline.watch((found) => { panel.hidden = !found; }, alive);
  return panel;
}

/**
 * @param {string} id
 * @param {Element} place
 * @param {AbortSignal} alive
 */
async function show(id, place, alive) {
  try {
    const { artifacts_detail: files } = await readMoment(id, alive);
    replace(place, files.length ? h("ul", { class: "sounds" }, files.map(file)) : h("p", {}, t("ops.sounds.none")));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    replace(place, h("p", {}, error.status === 404 ? t("ops.sounds.refused") : error.message, " ", codeLink(error.code)));
  }
}

/** @param {Artifact} artifact */
function file({ name, url, bytes, content_type: type }) {
  const size = bytes === null ? "" : `, ${fileSize(bytes)}`;
  return h("li", {}, h("a", { href: url, download: "" }, name), ` ${type}${size}`,
    PLAYED.has(name) ? h("audio", { controls: true, preload: "none", src: url, "aria-label": name }) : null);
}

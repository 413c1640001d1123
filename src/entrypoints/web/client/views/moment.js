/** One moment: how it is made, what was heard, and its music. Each part of the view is a panel. */

import { h } from "../base/dom.js";
import { keptMoment, watchOtherTabs } from "../device/moments.js";
import { editorPanel } from "../editor/editor_panel.js";
import { Moment } from "../moments/moment.js";
import { chordsPanel } from "../moments/chords_panel.js";
import { gonePanel } from "../moments/gone_panel.js";
import { progressPanel } from "../moments/progress_panel.js";
import { heardPanel } from "../moments/heard_panel.js";
import { titleWhile } from "../moments/title.js";
import { keepingPanel } from "../keeping/keeping_panel.js";
import { silence } from "../player/one_at_a_time.js";
import { playerPanel } from "../player/player_panel.js";
import { versionsPanel } from "../versions/versions_panel.js";

/**
 * Builds a part of the view; it shows itself once there is something to show.
 * @callback Panel
 * @param {Moment} moment
 * @param {AbortSignal} alive
 * @returns {Node}
 */

/** @type {Panel[]} */
const PANELS = [progressPanel, playerPanel, heardPanel, chordsPanel, versionsPanel, editorPanel, keepingPanel];

/**
 * @param {string} id
 * @param {AbortSignal} alive
 */
export function moment(id, alive) {
  const shown = new Moment(id);
  const heading = h("h1", {});
  titleWhile(shown, heading, alive);
  const parts = h("div", { class: "parts" }, heading, PANELS.map((panel) => panel(shown, alive)));
  const gone = gonePanel();
  shown.connection.watch((connection) => {
    parts.hidden = connection === "gone";
    gone.hidden = connection !== "gone";
    if (connection === "gone") silence();
  }, alive);
  watchOtherTabs(() => { if (!keptMoment(id)) void shown.refresh().catch(() => {}); }, alive); // deleted there, perhaps
  void shown.follow(alive);
  return h("div", { class: "moment" }, parts, gone);
}

/** The first view: the state of the queue, of the workers, of what failed. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { conversionsPanel } from "./conversions_panel.js";
import { deliveriesPanel } from "./deliveries_panel.js";
import { failuresPanel } from "./failures_panel.js";
import { freshness } from "./freshness.js";
import { pausesPanel } from "./pauses_panel.js";
import { throughputPanel } from "./throughput_panel.js";
import { tiles } from "./tiles.js";
import { waitsPanel } from "./waits_panel.js";
import { workersPanel } from "./workers_panel.js";

/** @import { Watch } from "./watch.js" */

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function overview(watch, alive) {
  const columns = [[waitsPanel, failuresPanel], [throughputPanel], [workersPanel], [pausesPanel, conversionsPanel], [deliveriesPanel]];
  return h("div", { class: "overview" }, h("h1", {}, t("ops.title")), freshness(watch.stats, alive), tiles(watch, alive),
    h("div", { class: "panels" }, columns.map((panels) => h("div", { class: "column" }, panels.map((panel) => panel(watch, alive))))));
}

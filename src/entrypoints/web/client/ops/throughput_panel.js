/** How many jobs end, now and lately, and how many wait and run. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { chart } from "./chart.js";
import { number } from "./figures.js";
import { table } from "./rows.js";

/** @import { Stats } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/** @type {[import("../base/text.js").TextName, (keyof Stats | null)[]][]} */
const LINES = [
  ["ops.completed", ["completed_1m", "completed_1h", "completed_1d"]],
  ["ops.failed", ["failed_1m", "failed_1h", "failed_1d"]],
  ["ops.cancelled", [null, null, "cancelled_1d"]],
];
/** @type {import("../base/text.js").TextName[]} */
const SPANS = ["ops.last.minute", "ops.last.hour", "ops.last.day"];

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function throughputPanel(watch, alive) {
  const { element, body } = table(t("ops.throughput"), [t("ops.ended"), ...SPANS.map((name) => t(name))], { class: "matrix" });
  body.append(...LINES.map(([name, fields]) => h("tr", { role: "row" },
    h("th", { scope: "row", role: "rowheader" }, t(name)), fields.map((field, at) => figure(field, t(SPANS[at] ?? name), watch, alive)))));
  return h("section", { class: "panel" }, h("h2", {}, t("ops.throughput")), element,
    chart(watch.samples, t("ops.chart.ended"), [
      { name: t("ops.completed"), style: "first", of: ({ completed }) => completed },
      { name: t("ops.failed"), style: "second", of: ({ failed }) => failed },
    ], alive),
    chart(watch.samples, t("ops.chart.queue"), [
      { name: t("ops.tile.waiting"), style: "first", of: ({ waiting }) => waiting },
      { name: t("ops.tile.running"), style: "third", of: ({ running }) => running },
    ], alive));
}

/**
 * @param {keyof Stats | null} field
 * @param {string} column
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
function figure(field, column, watch, alive) {
  const element = h("td", { role: "cell", "data-column": column }, "–");
  watch.stats.value.watch((stats) => {
    if (stats && field) element.textContent = number(Number(stats[field]));
  }, alive);
  return element;
}

/** What is made on demand: files in other formats, and sounds of styles. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { duration, number } from "./figures.js";
import { say } from "./rows.js";

/** @import { Conversions } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/** @type {[import("../base/text.js").TextName, (counts: Conversions) => string][]} */
const FACTS = [
  ["ops.conversions.waiting", ({ waiting }) => number(waiting)],
  ["ops.conversions.oldest", ({ oldest_waiting: oldest }) => duration(oldest)],
  ["ops.conversions.running", ({ running }) => number(running)],
  ["ops.conversions.failed", ({ failed_1h: failed }) => number(failed)],
];

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function conversionsPanel(watch, alive) {
  const counts = h("dl", { class: "facts" });
  watch.stats.value.watch((stats) => {
    const found = stats?.conversions; // an api of a version before has none
    say(counts, ...FACTS.flatMap(([name, of]) => [h("dt", {}, t(name)), h("dd", {}, found ? of(found) : "–")]));
  }, alive);
  return h("section", { class: "panel" }, h("h2", {}, t("ops.conversions.title")), h("p", { class: "quiet" }, t("ops.conversions.hint")), counts);
}

/** The counts that matter most, large. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { OLD_SECONDS } from "./alarms.js";
import { duration, number } from "./figures.js";

/** @import { Stats } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/** @typedef {{ name: import("../base/text.js").TextName, href: string, of: (stats: Stats) => string, bad?: (stats: Stats) => boolean }} Tile */

/** @type {Tile[]} */
const TILES = [
  { name: "ops.tile.waiting", href: "#/jobs/?status=PENDING", of: ({ waiting }) => number(waiting) },
  {
    name: "ops.tile.oldest", href: "#/jobs", of: ({ oldest_waiting: oldest }) => duration(oldest),
    bad: ({ oldest_waiting: oldest }) => oldest > OLD_SECONDS,
  },
  { name: "ops.tile.running", href: "#/jobs", of: (stats) => t("ops.of", { part: number(stats.running), whole: number(slotsOf(stats)) }) },
  { name: "ops.tile.lost", href: "#/jobs", of: ({ lost }) => number(lost), bad: ({ lost }) => lost > 0 },
  { name: "ops.tile.delayed", href: "#/jobs", of: ({ delayed }) => number(delayed) },
  { name: "ops.tile.failed", href: "#/jobs/?status=FAILED", of: ({ failed_1h: failed }) => number(failed) },
];

/** @param {Stats} stats */
const slotsOf = ({ workers }) => workers.reduce((sum, { slots }) => sum + slots, 0);

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function tiles(watch, alive) {
  return h("ul", { class: "tiles", "aria-label": t("ops.tiles") }, TILES.map((tile) => built(tile, watch, alive)));
}

/**
 * @param {Tile} tile
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
function built({ name, href, of, bad = () => false }, watch, alive) {
  const value = h("strong", { class: "value" }, "–");
  const mark = h("span", { class: "mark", hidden: true }, t("ops.level.alarm"));
  const element = h("li", {}, h("a", { href }, h("span", { class: "name" }, t(name)), value, mark));
  watch.stats.value.watch((stats) => {
    if (!stats) return;
    value.textContent = of(stats);
    mark.hidden = !bad(stats);
    element.classList.toggle("bad", bad(stats));
  }, alive);
  return element;
}

/** The chords that the band plays, as soon as they are known. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { keyInWords, withSigns } from "../roll/names.js";
import { chartOf } from "./chord_chart.js";

/** @import { Status } from "../api/types.js" */
/** @import { ChartBar, ChartSection } from "./chord_chart.js" */
/** @import { Moment } from "./moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function chordsPanel(moment, alive) {
  const chart = h("div", { class: "chart" });
  const panel = h("section", { class: "panel chords", hidden: true, "aria-labelledby": "chords" }, h("h2", { id: "chords" }, t("chords.title")), chart);
  let known = "";
  moment.status.watch((status) => {
    const chords = status?.chords.join() ?? "";
    if (!status || chords === known) return;
    known = chords;
    panel.hidden = !chords;
    replace(chart, partsOf(status));
  }, alive);
  return panel;
}

/** @param {Status} status */
function partsOf({ form, harmony = [], chords }) {
  const sections = chartOf(form, harmony);
  if (!sections.length) return h("p", {}, chords.map(withSigns).join("  ")); // made by an older version, or by other tools
  return sections.map((section, index) => sectionPart(section, sections[index - 1]?.key ?? ""));
}

/**
 * @param {ChartSection} section
 * @param {string} before The key of the section before.
 */
function sectionPart({ name, key, bars }, before) {
  const changed = key !== before && before !== "";
  const part = h("section", {}, h("h3", {}, name, changed && h("small", {}, ` ${keyInWords(key)}`)), h("ol", {}, bars.map(barPart)));
  for (const most of [4, 8]) part.style.setProperty(`--of${most}`, String(Math.min(bars.length, most)));
  return part;
}

/** @param {ChartBar} bar */
function barPart({ chords }) {
  return chords.length ? h("li", {}, chords.map((symbol) => h("span", {}, withSigns(symbol))))
    : h("li", { class: "held" }, h("span", { class: "unseen" }, t("chords.held")));
}

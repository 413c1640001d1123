/** The chords that the band plays, as soon as they are known. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { playbackOf } from "../player/music.js";
import { keyInWords, withSigns } from "../roll/names.js";
import { chartOf } from "./chord_chart.js";

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
  /** @type {ChartBar[]} */
  let bars = [];
  moment.status.watch((status) => {
    const chords = status?.chords.join() ?? "";
    if (!status || chords === known) return;
    known = chords;
    panel.hidden = !chords;
    const sections = chartOf(status.form, status.harmony ?? []);
    bars = sections.flatMap((section) => section.bars);
    replace(chart, sections.length ? sections.map((section, index) => sectionPart(section, sections[index - 1]?.key ?? ""))
      : h("p", {}, status.chords.map(withSigns).join("  "))); // made by an older version, or by other tools
  }, alive);
  const playback = playbackOf(moment, alive);
  const light = () => lightBar(chart, playback.playing.value ? bars.findIndex(({ start, end }) => playback.time.value >= start && playback.time.value < end) : -1);
  playback.time.watch(light, alive);
  playback.playing.watch(light, alive);
  return panel;
}

/**
 * Mark the bar that is heard.
 * @param {Element} chart
 * @param {number} index −1 for none.
 */
function lightBar(chart, index) {
  const bar = index < 0 ? null : chart.querySelectorAll("li")[index];
  if (bar?.classList.contains("heard")) return;
  chart.querySelector(".heard")?.classList.remove("heard");
  bar?.classList.add("heard");
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

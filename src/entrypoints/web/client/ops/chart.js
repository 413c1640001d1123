/** A small chart of the counts while the page is open. */

import { h, replace, svg } from "../base/dom.js";
import { t } from "../base/text.js";
import { duration, number } from "./figures.js";

/** @import { Signal } from "../base/signal.js" */
/** @import { Sample } from "./watch.js" */

/** @typedef {{ name: string, style: string, of: (sample: Sample) => number }} Line */

const WIDTH = 600;
const HEIGHT = 100;

/**
 * @param {Signal<Sample[]>} samples
 * @param {string} title
 * @param {Line[]} lines
 * @param {AbortSignal} alive
 */
export function chart(samples, title, lines, alive) {
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", class: "chart" });
  const top = h("span", {});
  const start = h("span", {});
  samples.watch((all) => {
    const most = Math.max(1, ...all.flatMap((sample) => lines.map(({ of }) => of(sample))));
    replace(drawing, lines.map((line) => drawn(all, line, most)));
    top.textContent = number(most);
    start.textContent = all[0] ? t("ops.chart.since", { duration: duration((Date.now() - all[0].at) / 1000) }) : "";
    drawing.setAttribute("aria-label", describe(title, all, lines));
  }, alive);
  const legend = lines.map(({ name, style }) => h("li", { class: style }, name));
  return h("figure", {}, h("figcaption", {}, title, h("ul", { class: "legend" }, legend)),
    h("div", { class: "plot" }, h("div", { class: "scale", "aria-hidden": "true" }, top, h("span", {}, "0")), drawing),
    h("div", { class: "span", "aria-hidden": "true" }, start, h("span", {}, t("ops.chart.now"))));
}

/**
 * @param {Sample[]} samples
 * @param {Line} line
 * @param {number} most
 */
function drawn(samples, { style, of }, most) {
  const [first, last] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0];
  const x = (/** @type {number} */ at) => (last > first ? ((at - first) / (last - first)) * WIDTH : WIDTH);
  const y = (/** @type {number} */ value) => HEIGHT - 2 - (value / most) * (HEIGHT - 4);
  const points = samples.map((sample) => `${x(sample.at).toFixed(1)},${y(of(sample)).toFixed(1)}`);
  if (samples.length === 1 && samples[0]) points.unshift(`0,${y(of(samples[0])).toFixed(1)}`); // one alone would not be seen
  return svg("polyline", { class: style, points: points.join(" ") });
}

/**
 * @param {string} title
 * @param {Sample[]} samples
 * @param {Line[]} lines
 */
function describe(title, samples, lines) {
  const last = samples.at(-1);
  if (!last) return title;
  const parts = lines.map(({ name, of }) =>
    t("ops.chart.line", { name, now: number(of(last)), most: number(Math.max(...samples.map(of))) }));
  return `${title}: ${parts.join("; ")}`;
}

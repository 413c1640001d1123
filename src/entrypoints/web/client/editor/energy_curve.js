/** How much energy each section has: a curve whose points are dragged, and a slider for each under it. */

import { h, svg } from "../base/dom.js";
import { counted } from "../base/text.js";

/** @import { Section } from "../api/types.js" */
/** @import { Signal } from "../base/signal.js" */

const STEP = 0.05;

/**
 * @param {Section[]} sections
 * @param {Signal<number[]>} energies 0–1, of each section.
 * @param {AbortSignal} alive
 */
export function energyCurve(sections, energies, alive) {
  const line = svg("path", { class: "energy-line", "vector-effect": "non-scaling-stroke" });
  const area = svg("path", { class: "energy-area" });
  const dots = sections.map((_, index) => dotAt(index, sections.length));
  const drawing = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" }, area, line);
  const curve = h("div", { class: "energy-curve", "aria-hidden": "true" }, drawing, dots);
  energies.watch((now) => {
    const path = now.map((energy, index) => `${index ? "L" : "M"}${middle(index, now.length)} ${100 - energy * 100}`).join("");
    line.setAttribute("d", path);
    area.setAttribute("d", `${path}L${middle(now.length - 1, now.length)} 100L${middle(0, now.length)} 100Z`);
    dots.forEach((dot, index) => dot.style.setProperty("top", `${100 - now[index] * 100}%`));
  }, alive);
  dragPoints(curve, energies, alive);
  return h("div", { class: "energy" }, curve, columnNames(sections), h("div", { class: "energy-sliders" },
    sections.map((section, index) => slider(section, index, energies, alive))));
}

/** @param {number} index @param {number} count */
const middle = (index, count) => ((index + 0.5) / count) * 100;

/** @param {number} index @param {number} count */
function dotAt(index, count) {
  const dot = h("span", { class: "energy-dot" });
  dot.style.setProperty("left", `${middle(index, count)}%`);
  return dot;
}

/**
 * Return what the columns are called, under the curve: a number alone where a name has no room; the sliders have both.
 * @param {Section[]} sections
 */
function columnNames(sections) {
  const columns = sections.map(({ name }, index) => h("div", {}, h("span", { class: "number" }, index + 1), h("span", { class: "name" }, name)));
  return h("div", { class: "energy-columns", "aria-hidden": "true" }, columns);
}

/**
 * The nearest point follows the pointer, wherever it went down: all of its column is its target.
 * @param {HTMLElement} curve
 * @param {Signal<number[]>} energies
 * @param {AbortSignal} alive
 */
function dragPoints(curve, energies, alive) {
  let index = -1;
  const follow = (/** @type {PointerEvent} */ event) => {
    const { top, height } = curve.getBoundingClientRect();
    energies.value = withEnergy(energies.value, index, 1 - (event.clientY - top) / height);
  };
  curve.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { left, width } = curve.getBoundingClientRect();
    const count = energies.value.length;
    index = Math.min(Math.max(Math.floor(((event.clientX - left) / width) * count), 0), count - 1);
    curve.setPointerCapture(event.pointerId);
    event.preventDefault();
    follow(event);
  }, { signal: alive });
  curve.addEventListener("pointermove", (event) => { if (index >= 0) follow(event); }, { signal: alive });
  for (const end of ["pointerup", "pointercancel"]) curve.addEventListener(end, () => { index = -1; }, { signal: alive });
}

/**
 * @param {Section} section
 * @param {number} index
 * @param {Signal<number[]>} energies
 * @param {AbortSignal} alive
 */
function slider({ name, bars }, index, energies, alive) {
  const input = h("input", { type: "range", min: 0, max: 1, step: STEP });
  input.oninput = () => { energies.value = withEnergy(energies.value, index, Number(input.value)); };
  const shown = h("output", { "aria-hidden": "true" });
  energies.watch((now) => {
    input.value = String(now[index]);
    const percent = `${Math.round(now[index] * 100)} %`;
    input.setAttribute("aria-valuetext", percent);
    shown.textContent = percent;
  }, alive);
  const number = h("span", { class: "number", "aria-hidden": "true" }, index + 1);
  return h("label", {}, number, h("span", { class: "name" }, counted("edit.section", bars, { name })), input, shown);
}

/**
 * @param {number[]} energies
 * @param {number} index
 * @param {number} energy
 */
function withEnergy(energies, index, energy) {
  const rounded = Math.round(Math.min(Math.max(energy, 0), 1) / STEP) * STEP;
  return energies.with(index, Math.round(rounded * 100) / 100);
}

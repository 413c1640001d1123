/** A canvas that is as sharp as the screen, and is drawn again when its size or the colours change. */

import { h } from "../base/dom.js";

/**
 * Draws everything that is to be seen.
 * @callback Draw
 * @param {CanvasRenderingContext2D} context In CSS pixels, cleared.
 * @param {number} width
 * @param {number} height
 */

/**
 * Return a canvas that fills its parent's width, and a function that draws it again at the next frame.
 * @param {Draw} draw
 * @param {AbortSignal} alive
 * @param {Record<string, unknown>} [properties] Of the element, such as its `aria-label`; without one, it says nothing that
 *   is not said elsewhere, and screen readers pass it by.
 * @returns {{ canvas: HTMLCanvasElement, redraw: () => void }}
 */
export function sharpCanvas(draw, alive, properties = {}) {
  const canvas = h("canvas", { ...("aria-label" in properties ? { role: "img" } : { "aria-hidden": "true" }), ...properties });
  let due = 0;
  const redraw = () => { due ||= requestAnimationFrame(() => { due = 0; paint(canvas, draw); }); };
  const sizes = new ResizeObserver(redraw);
  sizes.observe(canvas);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", redraw, { signal: alive });
  alive.addEventListener("abort", () => { sizes.disconnect(); cancelAnimationFrame(due); }, { once: true });
  return { canvas, redraw };
}

/** Values of colours, for one drawing: to ask for each note's would take longer than to draw it. @type {Map<string, string>} */
const known = new Map();

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Draw} draw
 */
function paint(canvas, draw) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext("2d");
  if (!context || !width || !height) return;
  const dots = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * dots), Math.round(height * dots)];
  if (canvas.width !== across) canvas.width = across; // setting a size takes new memory, each time
  if (canvas.height !== down) canvas.height = down;
  context.setTransform(dots, 0, 0, dots, 0, 0);
  context.clearRect(0, 0, width, height);
  known.clear();
  draw(context, width, height);
}

/**
 * Return the value of a colour of base.css, such as `--accent`.
 * @param {string} name
 */
export function colour(name) {
  const value = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  known.set(name, value);
  return value;
}

/**
 * Write a short text, in small bold letters.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} fill
 */
export function write(context, text, x, y, fill) {
  context.font = "600 11px system-ui, sans-serif";
  context.fillStyle = fill;
  context.fillText(text, x, y);
}

/**
 * Draw a straight line.
 * @param {CanvasRenderingContext2D} context
 * @param {string} style
 * @param {number} width
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
export function stroke(context, style, width, from, to) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

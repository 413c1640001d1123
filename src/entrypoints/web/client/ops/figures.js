/** How numbers, durations and times are written here. */

import { h } from "../base/dom.js";
import { ago, counted as countedText, LANGUAGE } from "../base/text.js";

/** @import { CountedName } from "../base/text.js" */

const NUMBERS = new Intl.NumberFormat(LANGUAGE);
const SHARES = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 0 });
/** @type {[string, number][]} */
const UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60]];

/** @param {number} value */
export const number = (value) => NUMBERS.format(value);

/** @param {number} part 0–1. */
export const share = (part) => SHARES.format(part);

/**
 * Return a text about a number of things, such as "1 job" or "1,200 jobs": the number is written as all are here.
 * @param {CountedName} name
 * @param {number} count
 */
export const counted = (name, count) => countedText(name, count, { count: number(count) });

/**
 * Return a duration in its largest unit of which there are two or more, such as "12 min"; "0.48 s" below ten seconds.
 * @param {number} seconds
 */
export function duration(seconds) {
  const [unit, length] = UNITS.find(([, size]) => seconds >= 2 * size) ?? ["second", 1];
  const digits = seconds >= 10 ? 0 : seconds >= 1 ? 1 : 2;
  const style = { style: /** @type {const} */ ("unit"), unit, unitDisplay: /** @type {const} */ ("short") };
  return new Intl.NumberFormat(LANGUAGE, { ...style, maximumFractionDigits: digits }).format(seconds / length);
}

/**
 * Return how long ago a time was, with the exact time as its title.
 * @param {string | number} time
 */
export function since(time) {
  const element = h("time", {});
  setSince(element, time);
  return element;
}

/**
 * Write how long ago a time was.
 * @param {HTMLTimeElement} element
 * @param {string | number} time
 */
export function setSince(element, time) {
  const exact = new Date(time);
  element.dateTime = exact.toISOString();
  element.title = exactly(exact);
  element.textContent = ago(exact.getTime());
}

/** @param {Date} time */
export function exactly(time) {
  return `${time.toLocaleString(LANGUAGE)} (${time.toISOString()})`;
}

/**
 * Write again how long ago the times of the page were, every few seconds.
 * @param {number} every Milliseconds.
 */
export function keepTimes(every) {
  setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time")) {
      if (element.dateTime) element.textContent = ago(element.dateTime); // it may not be known yet
    }
  }, every);
}

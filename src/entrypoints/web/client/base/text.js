/** The texts of the page, from strings/en.json, and how numbers and times are written. */

/** @typedef {keyof typeof import("../strings/en.json")} TextName */

/** @type {Record<TextName, string>} */
const TEXTS = JSON.parse(document.getElementById("strings")?.textContent || "{}");
export const LANGUAGE = document.documentElement.lang || "en";
/** Dates are written as the reader's region does, where the page has their language. */
const REGION = navigator.language.startsWith(LANGUAGE) ? navigator.language : LANGUAGE;
const AGO = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const PLURALS = new Intl.PluralRules(LANGUAGE);
/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/**
 * Return a text with its values in place.
 * @param {TextName} name
 * @param {Record<string, string | number>} [values] What stands for `{…}` in the text.
 */
export function t(name, values = {}) {
  return (TEXTS[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/**
 * Return whether there is a text of this name, for names that come from the service.
 * @param {string} name
 * @returns {name is TextName}
 */
export function hasText(name) {
  return name in TEXTS;
}

/** @typedef {TextName extends infer N ? N extends `${infer P}.other` ? P : never : never} CountedName */

/**
 * Return a text about a number of things, from `{name}.one` and `{name}.other`.
 * @param {CountedName} name
 * @param {number} count
 * @param {Record<string, string | number>} [values]
 */
export function counted(name, count, values = {}) {
  const form = `${name}.${PLURALS.select(count)}`;
  return t(hasText(form) ? form : `${name}.other`, { count, ...values });
}

/**
 * Return minutes and seconds, such as 1:05.
 * @param {number} seconds
 */
export function clockTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * Return how long ago a time was, such as "5 minutes ago".
 * @param {string | number} time Of RFC 3339, or in milliseconds since 1970.
 */
export function ago(time) {
  const seconds = (new Date(time).getTime() - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return AGO.format(Math.round(seconds / length), unit);
}

/**
 * Return a date and a time of day by this device's clock, such as "3 Dec 2026, 14:05".
 * @param {string | number} time Of RFC 3339, or in milliseconds since 1970.
 */
export function dateAndTime(time) {
  return new Intl.DateTimeFormat(REGION, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

/**
 * Return a date by this device's clock, such as "3 Dec 2026".
 * @param {string | number} time Of RFC 3339, or in milliseconds since 1970.
 */
export function dateOf(time) {
  return new Intl.DateTimeFormat(REGION, { dateStyle: "medium" }).format(new Date(time));
}

/**
 * Return a size such as 1.2 MB.
 * @param {number} bytes
 */
export function fileSize(bytes) {
  const [unit, size] = bytes >= 1e6 ? ["megabyte", bytes / 1e6] : ["kilobyte", bytes / 1e3];
  const style = { style: /** @type {const} */ ("unit"), unit: String(unit), maximumFractionDigits: 1 };
  return new Intl.NumberFormat(LANGUAGE, style).format(Number(size));
}

/** The API key of a service that requires one, kept in this browser. */

import { Signal } from "../base/signal.js";
import { forgetText, keepText, readText } from "../device/storage.js";

const KEPT_AS = "moment.key";

/** The key, or "". */
export const kept = new Signal(readText(KEPT_AS) ?? "");

window.addEventListener("storage", (event) => {
  if (event.key === KEPT_AS || event.key === null) kept.value = readText(KEPT_AS) ?? "";
});

/** Return the key, or "". */
export function key() {
  return kept.value;
}

/**
 * Keep a key; "" forgets it.
 * @param {string} value
 */
export function keepKey(value) {
  if (value) keepText(KEPT_AS, value);
  else forgetText(KEPT_AS);
  kept.value = value;
}

/**
 * Return the headers that a request needs besides others.
 * @param {string} [value] The key to send; "" is none.
 * @returns {Record<string, string>}
 */
export function keyHeaders(value = key()) {
  return value ? { Authorization: `Bearer ${value}` } : {};
}

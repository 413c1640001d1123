/** The API key of a service that requires one, kept in this browser. */

import { Signal } from "../base/signal.js";

const KEPT_AS = "moment.key";

/** The key, or "". */
export const kept = new Signal(stored());

window.addEventListener("storage", (event) => {
  if (event.key === KEPT_AS || event.key === null) kept.value = stored();
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
  kept.value = value;
  try {
    if (value) localStorage.setItem(KEPT_AS, value);
    else localStorage.removeItem(KEPT_AS);
  } catch {
    // A private window may refuse: then the key lasts as long as the page.
  }
}

/**
 * Return the headers that a request needs besides others.
 * @param {string} [value] The key to send; "" is none.
 * @returns {Record<string, string>}
 */
export function keyHeaders(value = key()) {
  return value ? { Authorization: `Bearer ${value}` } : {};
}

function stored() {
  try {
    return localStorage.getItem(KEPT_AS) ?? "";
  } catch {
    return "";
  }
}

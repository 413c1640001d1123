/** The API key of a service that requires one, kept in this browser. */

const KEPT_AS = "moment.key";

/** Return the key, or "". */
export function key() {
  return localStorage.getItem(KEPT_AS) ?? "";
}

/**
 * Keep a key; "" forgets it.
 * @param {string} value
 */
export function keepKey(value) {
  if (value) localStorage.setItem(KEPT_AS, value);
  else localStorage.removeItem(KEPT_AS);
}

/**
 * Return the headers that a request needs besides others.
 * @returns {Record<string, string>}
 */
export function keyHeaders() {
  return key() ? { Authorization: `Bearer ${key()}` } : {};
}

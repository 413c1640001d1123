/** The key of an operator, kept in this browser apart from the studio's: nobody hums with the rights of an operator. */

const KEPT_AS = "moment.operator_key";

/** Return the key, or "". */
export function operatorKey() {
  try {
    return localStorage.getItem(KEPT_AS) ?? "";
  } catch {
    return "";
  }
}

/**
 * Keep a key; "" forgets it.
 * @param {string} value
 */
export function keepOperatorKey(value) {
  if (value) localStorage.setItem(KEPT_AS, value);
  else localStorage.removeItem(KEPT_AS);
}

/** Return what of a key may be shown: what it begins with, by which `moment keys revoke` knows it. */
export function shownKey() {
  return operatorKey().split("_").slice(0, 2).join("_");
}

/**
 * Call a function when another tab keeps or forgets a key.
 * @param {() => void} changed
 */
export function watchOperatorKey(changed) {
  window.addEventListener("storage", ({ key }) => { if (key === KEPT_AS || key === null) changed(); });
}

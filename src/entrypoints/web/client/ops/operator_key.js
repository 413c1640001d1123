/** The key of an operator, kept in this browser apart from the studio's: nobody hums with the rights of an operator. */

import { forgetText, keepText, readText } from "../device/storage.js";

const KEPT_AS = "moment.operator_key";

/** Return the key, or "". */
export function operatorKey() {
  return readText(KEPT_AS) ?? "";
}

/**
 * Keep a key; "" forgets it.
 * @param {string} value
 */
export function keepOperatorKey(value) {
  if (value) keepText(KEPT_AS, value);
  else forgetText(KEPT_AS);
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

/** How keys are called. */

import { t } from "../base/text.js";

/**
 * Return what a key is called, such as "F♯ minor".
 * @param {string} key As in a blueprint.
 */
export function keyName(key) {
  const tonic = key.replace("m", "").replace("#", "♯").replace("b", "♭");
  return t(key.endsWith("m") ? "edit.minor" : "edit.major", { tonic });
}

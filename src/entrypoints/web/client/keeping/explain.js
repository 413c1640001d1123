/** What went wrong, in words for people. */

import { hasText, t } from "../base/text.js";

/**
 * Return a sentence about an error.
 * @param {unknown} error
 */
export function explain(error) {
  const { code = "", message = "" } = /** @type {{ code?: string, message?: string }} */ (error ?? {});
  const ours = `keep.error.${code}`;
  return hasText(ours) ? t(ours) : message || t("error.offline");
}

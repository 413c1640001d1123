/** What a style is called where people read it. */

import { hasText, t } from "../base/text.js";

/**
 * Return the name of a style for people; a person's own words stay as they are.
 * @param {string} name
 */
export function styleName(name) {
  const key = `styles.name.${name}`;
  return hasText(key) ? t(key) : name;
}

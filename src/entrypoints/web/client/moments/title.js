/** The title of the page says how a moment is, so that a tab in the background can be read. */

import { hasText, t } from "../base/text.js";

/** @import { Moment } from "./moment.js" */

/**
 * Keep the title up to date; when the view is left, it is the name of the page again.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function titleWhile(moment, alive) {
  const show = () => { document.title = t("title.with_state", { state: stateOf(moment), site: t("site.name") }); };
  moment.status.watch(show, alive);
  moment.connection.watch(show, alive);
  alive.addEventListener("abort", () => { document.title = t("site.name"); }, { once: true });
}

/** @param {Moment} moment */
function stateOf({ connection, status }) {
  if (connection.value === "gone") return t("title.gone");
  const name = `title.${status.value?.status}`;
  return hasText(name) ? t(name) : t("moment.title");
}

/** What a moment is called at the top of its view and in its tab, which says how it is while it is made. */

import { hasText, t } from "../base/text.js";
import { keptMoment, watchMoments } from "../device/moments.js";
import { endOf } from "./stages.js";

/** @import { Moment } from "./moment.js" */

/** That a moment is ready is news for as long, in milliseconds, to those who open it late, and until it was left once. */
const NEWS_MS = 60_000;
/** @type {Set<string>} */
const left = new Set();

/**
 * Keep the title of the page and the heading up to date; when the view is left, the title is the page's name again.
 * @param {Moment} moment
 * @param {HTMLElement} heading
 * @param {AbortSignal} alive
 */
export function titleWhile(moment, heading, alive) {
  const opened = Date.now();
  const show = () => {
    if (moment.status.value?.terminal === false) left.delete(moment.id); // it was tried again
    heading.textContent = nameOf(moment) || t("moment.title");
    document.title = t("title.with_state", { state: stateOf(moment, opened), site: t("site.name") });
  };
  moment.status.watch(show, alive);
  moment.connection.watch(show, alive);
  watchMoments(show, alive);
  alive.addEventListener("abort", () => {
    if (moment.status.value?.terminal) left.add(moment.id);
    document.title = t("site.name");
  }, { once: true });
}

/** What its owner calls it, or "". @param {Moment} moment */
const nameOf = ({ id }) => keptMoment(id)?.name ?? "";

/**
 * @param {Moment} moment
 * @param {number} opened When it was opened, in milliseconds since 1970.
 */
function stateOf(moment, opened) {
  if (moment.connection.value === "gone") return t("title.gone");
  const [status, name] = [moment.status.value, nameOf(moment)], state = status?.status;
  const isNews = status && !left.has(moment.id) && endOf(status) > opened + moment.ahead - NEWS_MS;
  if (state === "COMPLETED" && (name || !isNews)) return isNews ? t("title.named_ready", { name }) : name || t("moment.title");
  return hasText(`title.${state}`) ? t(/** @type {import("../base/text.js").TextName} */ (`title.${state}`)) : name || t("moment.title");
}

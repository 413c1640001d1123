/** How old what is seen is, and why it does not get younger. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { setSince } from "./figures.js";
import { say } from "./rows.js";

/** @import { Problem } from "../api/client.js" */
/** @import { Feed } from "./feed.js" */

/**
 * @param {Feed<any>} feed
 * @param {AbortSignal} alive
 */
export function freshness(feed, alive) {
  const time = h("time", {});
  const read = h("span", {}, t("ops.read"), " ", time);
  const trouble = h("span", { class: "trouble", role: "status" });
  const now = h("button", { type: "button", class: "quiet", onclick: () => feed.now() }, t("ops.refresh"));
  feed.readAt.watch((at) => {
    read.hidden = !at;
    if (at) setSince(time, at);
  }, alive);
  feed.problem.watch((problem) => {
    say(trouble, ...(problem ? whyStale(problem) : []));
    document.body.classList.toggle("stale", Boolean(problem));
  }, alive);
  return h("p", { class: "freshness" }, read, trouble, now);
}

/** @param {Problem} problem */
function whyStale({ code, message }) {
  if (code === "job_not_found") return [t("ops.no_job")];
  const reason = /[.?!…]$/.test(message) ? message : `${message}.`;
  return [h("strong", {}, t("ops.level.alarm")), " ", t("ops.stale", { reason })];
}

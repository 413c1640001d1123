/** One job: what it is, everything that happened to it, and what can be done with it. */

import { h } from "../base/dom.js";
import { nowhere } from "../base/nowhere.js";
import { go } from "../base/router.js";
import { t } from "../base/text.js";
import { ACTIONS, APPLIES, perform } from "./actions.js";
import { codeLink, meaningOf } from "./codes.js";
import { deliveryTable } from "./delivery_table.js";
import { Feed } from "./feed.js";
import { freshness } from "./freshness.js";
import { badge, doing } from "./job_cells.js";
import { jobFacts } from "./job_facts.js";
import { jobSounds } from "./job_sounds.js";
import { readTimeline } from "./operations.js";
import { say } from "./rows.js";
import { waterfall } from "./waterfall.js";

/** @import { Timeline } from "./types.js" */
/** @import { Watch } from "./watch.js" */

const EVERY_MS = 3000;

/**
 * @param {string} id
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function timeline(id, watch, alive) {
  const feed = new Feed((reading) => readTimeline(id, reading), EVERY_MS);
  const state = h("p", { class: "now", role: "status" });
  const error = h("div", { class: "error" });
  const facts = h("dl", { class: "facts" });
  const steps = h("div", {});
  feed.value.watch((found) => {
    if (!found) return;
    say(state, badge(found.job.status), " ", ...doing(found.job));
    say(error, ...errorOf(found));
    say(facts, ...jobFacts(found));
    say(steps, waterfall(found));
  }, alive);
  const title = () => [t("ops.job"), " ", h("code", {}, id)];
  const parts = h("div", {}, h("h1", {}, title()), state, freshness(feed, alive), actionButtons(feed, watch, alive), error, h("section", { class: "panel" }, h("h2", {}, t("ops.timeline")), steps),
    h("section", { class: "panel" }, h("h2", {}, t("ops.facts")), facts), jobSounds(id, feed.value, alive),
    deliveryTable(id, feed, alive));
  const gone = nowhere(title(), t("ops.no_such_job"), [{ href: "#/jobs", text: t("ops.nav.jobs") }, { href: "#/", text: t("ops.nav.overview") }]);
  feed.problem.watch((problem) => {
    gone.hidden = problem?.code !== "job_not_found" || feed.value.value !== null; // what was known before it went stays
    parts.hidden = !gone.hidden;
  }, alive);
  void feed.run(alive);
  return h("div", { class: "timeline" }, parts, gone);
}

/** @param {Timeline} timeline */
function errorOf({ error }) {
  if (!error) return [];
  return [h("p", {}, h("strong", {}, error.message), " ", codeLink(error.code)), h("p", { class: "meaning" }, ...meaningOf(error.code))];
}

/**
 * @param {Feed<Timeline>} feed
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
function actionButtons(feed, watch, alive) {
  const buttons = ACTIONS.map((action) => {
    const button = h("button", { type: "button", class: action === "delete" ? "danger" : "" }, t(`ops.${action}`));
    button.onclick = async () => {
      const job = feed.value.value?.job;
      if (!job || !(await perform(action, [job]))) return;
      watch.stats.now();
      if (action === "delete") go("/jobs");
      else feed.now();
    };
    feed.value.watch((found) => { button.disabled = !found || !APPLIES[action](found.job); }, alive);
    return button;
  });
  return h("div", { class: "buttons", role: "group", "aria-label": t("ops.list.actions") }, buttons);
}

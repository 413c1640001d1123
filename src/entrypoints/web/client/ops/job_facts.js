/** The facts about a job, as `moment jobs show` prints them. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { counted, duration, number, since } from "./figures.js";
import { kindOf, shortId, whose } from "./job_cells.js";
import { linkTo } from "./job_filter.js";

/** @import { Timeline } from "./types.js" */

/**
 * Return names and values.
 * @param {Timeline} timeline
 * @returns {Node[]}
 */
export function jobFacts(timeline) {
  const { job } = timeline;
  /** @type {[string, ...(string | Node)[]][]} */
  const facts = [
    [t("ops.whose"), whose(job)],
    [t("ops.kind"), kindOf(job)],
    ...(timeline.style === undefined ? [] : [/** @type {[string, string]} */ ([t("ops.fact.style"), timeline.style || t("ops.fact.style_open")])]),
    ...(timeline.parent_id ? [/** @type {[string, Node]} */ ([t("ops.fact.parent"), shortId(timeline.parent_id)])] : []),
    [t("ops.fact.recording"), timeline.filename || "–"],
    [t("ops.accepted"), since(job.created_at)],
    [t("ops.fact.changed"), since(job.updated_at)],
    [t("ops.errors"), t("ops.of", { part: job.errors, whole: job.max_attempts })],
    [t("ops.fact.claims"), number(timeline.token)],
    [t("ops.fact.crashes"), counted("ops.n_workers", timeline.crashes)],
    [t("ops.fact.breaks"), number(timeline.breaks)],
    [t("ops.fact.worked"), duration(timeline.worked)],
    [t("ops.fact.priority"), number(timeline.priority)],
    ...(job.leased_until ? [/** @type {[string, Node]} */ ([t("ops.lease"), leaseOf(job.worker ?? "", job.leased_until)])] : []),
    [t("ops.fact.request"), h("code", {}, timeline.request_id || "–")],
  ];
  return facts.flatMap(([name, ...values]) => [h("dt", {}, name), h("dd", {}, ...values)]);
}

/**
 * @param {string} worker
 * @param {string} until
 */
function leaseOf(worker, until) {
  return h("span", {}, h("a", { href: linkTo({ worker }) }, worker), ", ", since(until));
}

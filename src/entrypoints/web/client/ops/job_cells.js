/** How a job is named, and what it is doing, in lists and on its own page. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { duration, share } from "./figures.js";

/** @import { JobRow, State } from "./types.js" */

/** States that do not change any more. @type {ReadonlySet<State>} */
export const ENDED = new Set(["COMPLETED", "FAILED", "CANCELLED"]);

/**
 * Return a link to the page of a job, by the first part of its id.
 * @param {string} id
 */
export function shortId(id) {
  return h("a", { href: `#/jobs/${id}`, title: id }, h("code", {}, id.slice(0, 8)));
}

/**
 * Return a state as a badge: its word, and a shape for those who see no colours.
 * @param {State} state
 */
export function badge(state) {
  return h("span", { class: "badge", "data-state": state }, t(`ops.state.${state}`));
}

/**
 * Return what a job is doing, what it waits for, or how it failed.
 * @param {JobRow} job
 * @param {number} [now] In milliseconds.
 * @returns {(string | Node)[]}
 */
export function doing(job, now = Date.now()) {
  const asked = job.cancel_requested && !ENDED.has(job.status) ? [" ", t("ops.doing.cancelling")] : [];
  const removed = job.expiring ? [" ", t("ops.doing.removing")] : [];
  return [...present(job, now), ...asked, ...removed];
}

/**
 * @param {JobRow} job
 * @param {number} now
 * @returns {(string | Node)[]}
 */
function present(job, now) {
  if (ENDED.has(job.status)) return job.code ? [codeLink(job.code)] : [];
  if (job.leased_until) {
    const worker = job.worker ?? "";
    return job.lost ? [h("strong", {}, t("ops.doing.lost", { worker }))] : [t("ops.doing.running", { share: share(job.progress), worker })];
  }
  const reason = job.waiting_for ? [" ", t("ops.doing.for"), " ", codeLink(job.waiting_for)] : [];
  const rest = (new Date(job.due_at).getTime() - now) / 1000;
  return [rest > 0 ? t("ops.doing.delayed", { duration: duration(rest) }) : t("ops.doing.waiting"), ...reason];
}

/**
 * Return whose job it is, and how they call it.
 * @param {JobRow} job
 */
export function whose({ owner, client_reference: reference }) {
  return [owner || t("ops.nobody"), reference].filter(Boolean).join(", ");
}

/** @param {JobRow} job */
export function kindOf({ output_kind: kind }) {
  return kind ? t(`ops.kind.${kind}`) : t("ops.kind.newer");
}

/** Cancelling, retrying and deleting jobs: what would happen is said first, what happened afterwards. */

import { ask } from "../base/ask.js";
import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { counted } from "./figures.js";
import { badge, ENDED, shortId } from "./job_cells.js";
import { act } from "./operations.js";
import { showOutcomes } from "./outcomes.js";

/** @import { JobRow } from "./types.js" */
/** @typedef {"cancel" | "retry" | "delete"} Action */

/** @type {Action[]} */
export const ACTIONS = ["cancel", "retry", "delete"];
const LISTED = 8;

/** Whether an action does anything with a job. @type {Record<Action, (job: JobRow) => boolean>} */
export const APPLIES = {
  cancel: ({ status }) => !ENDED.has(status),
  retry: ({ status }) => status === "FAILED",
  delete: () => true,
};

/**
 * Do it, if the operator agrees; return whether it was tried.
 * @param {Action} action
 * @param {readonly JobRow[]} jobs
 */
export async function perform(action, jobs) {
  const meant = jobs.filter(APPLIES[action]);
  if (!meant.length || !(await ask(questionOf(action, meant, jobs.length - meant.length)))) return false;
  showOutcomes(action, await act(action, meant.map(({ id }) => id)));
  return true;
}

/**
 * @param {Action} action
 * @param {readonly JobRow[]} jobs
 * @param {number} leftOut
 */
function questionOf(action, jobs, leftOut) {
  const listed = jobs.slice(0, LISTED).map((job) => h("li", {}, shortId(job.id), " ", badge(job.status)));
  const others = jobs.length - listed.length;
  return {
    title: counted(`ops.ask.${action}`, jobs.length),
    body: [
      h("p", {}, t(`ops.meaning.${action}`)),
      h("ul", { class: "listed" }, listed, others ? h("li", {}, counted("ops.others", others)) : null),
      ...(leftOut ? [h("p", {}, counted(`ops.left_out.${action}`, leftOut))] : []),
    ],
    yes: counted(`ops.do.${action}`, jobs.length),
    no: t("ops.keep"),
    harmless: action !== "delete",
  };
}

/** How far a moment is, what each stage has found, and what can be done about it. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { actions } from "./actions.js";
import { messageOf } from "./findings.js";
import { stageList } from "./stage_list.js";
import { eta, failure, queue, warningText } from "./words.js";

/** @import { Connection, Moment } from "./moment.js" */
/** @import { Status } from "../api/types.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function progressPanel(moment, alive) {
  const bar = h("progress", { "aria-label": t("moment.progress"), max: 1, value: 0 });
  const message = h("p", { role: "status", class: "now" }, t("moment.connecting"));
  const outlook = h("p", { class: "outlook" });
  const line = h("p", { role: "status", class: "connection" });
  const warnings = h("ul", { class: "warnings", "aria-label": t("warning.title"), hidden: true });
  const stages = foldedWhenDone(stageList(moment, alive));
  moment.progress.watch((part) => { bar.value = part; }, alive);
  const tell = () => say(line, connectionText(moment.connection.value, moment));
  moment.connection.watch(tell, alive);
  moment.problem.watch(tell, alive); // which may become another one while the connection stays lost
  moment.status.watch((status) => {
    if (!status) return;
    bar.classList.toggle("ended", status.terminal);
    if (status.status === "COMPLETED") stages.fold();
    say(message, messageOf(status));
    outlook.textContent = outlookOf(status);
    showWarnings(warnings, status);
  }, alive);
  const foot = h("div", { class: "foot" }, h("div", { class: "said" }, message, outlook, line), actions(moment, alive));
  return h("section", { class: "panel progress", "aria-label": t("moment.progress") }, bar, stages.element, foot, warnings);
}

/**
 * Return the stages, and a function that puts them away once they are of no more use: then they open on demand.
 * @param {HTMLElement} list
 */
function foldedWhenDone(list) {
  const summary = h("summary", { hidden: true }, t("stage.details"));
  const element = h("details", { class: "how", open: true }, summary, list);
  const fold = () => {
    if (!summary.hidden) return;
    summary.hidden = false;
    element.open = false;
  };
  return { element, fold };
}

/**
 * Change a text that screen readers speak, only if it is another one.
 * @param {Element} place
 * @param {string} text
 */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/**
 * @param {Connection} connection
 * @param {Moment} moment
 */
function connectionText(connection, moment) {
  if (connection === "locked") return t("moment.locked");
  if (connection !== "lost") return "";
  const problem = moment.problem.value;
  return problem?.status ? problem.message : t("moment.lost");
}

/** @param {Status} status */
function outlookOf(status) {
  if (status.status === "FAILED") return failure(status).hint;
  if (status.terminal || status.waiting_for) return "";
  const [position, seconds] = [status.queue_position, status.eta_seconds];
  return [position === null ? "" : queue(position), seconds === null ? "" : eta(seconds)].filter(Boolean).join(" ");
}

/**
 * @param {HTMLElement} list
 * @param {Status} status
 */
function showWarnings(list, { warnings }) {
  list.hidden = !warnings.length;
  if (list.childElementCount !== warnings.length) replace(list, warnings.map((warning) => h("li", {}, warningText(warning))));
}

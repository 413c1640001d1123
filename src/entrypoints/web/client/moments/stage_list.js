/** The stages as a list that is kept up to date: what is done, what is done now, and what is still to come. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { every } from "../base/waiting.js";
import { duration } from "./words.js";
import { findingsOf } from "./findings.js";
import { STAGES, stagesOf } from "./stages.js";

/** @import { Moment } from "./moment.js" */
/** @import { Stage } from "./stages.js" */

const TICK_MS = 1000;

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function stageList(moment, alive) {
  const items = STAGES.map((name) => stageItem(name));
  const show = () => {
    const status = moment.status.value;
    if (!status) return;
    const findings = findingsOf(status);
    stagesOf(status, Date.now() + moment.ahead).forEach((stage, index) => items[index].show(stage, findings[stage.name] ?? ""));
  };
  moment.status.watch(show, alive);
  every(TICK_MS, () => { if (!moment.over) show(); }, alive);
  return h("ol", { class: "stages", "aria-label": t("stage.all") }, items.map(({ item }) => item));
}

/** @param {typeof STAGES[number]} name */
function stageItem(name) {
  const said = h("span", { class: "unseen" });
  const time = h("span", { class: "time" });
  const found = h("span", { class: "found" });
  const item = h("li", {}, h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "name" }, t(`stage.${name}`)), said, time, found);
  /** @param {Stage} stage @param {string} finding */
  const show = ({ progress, seconds }, finding) => {
    item.className = progress;
    if (progress === "now") item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
    said.textContent = `, ${t(`stage.${progress}`)} `;
    time.textContent = timeText(seconds, progress === "now");
    found.textContent = finding;
  };
  return { item, show };
}

/**
 * @param {number | null} seconds
 * @param {boolean} runs Then it is told in whole seconds, from the first one on.
 */
function timeText(seconds, runs) {
  return seconds === null || (runs && seconds < 1) ? "" : duration(seconds, !runs);
}

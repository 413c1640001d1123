/** What jobs wait for, and in which state those are that have not ended. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink, meaningOf } from "./codes.js";
import { counted, number } from "./figures.js";
import { linkTo } from "./job_filter.js";
import { rowsIn, say, table, tableRow } from "./rows.js";

/** @import { State } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/** @type {State[]} */
const UNFINISHED = ["PENDING", "ANALYZING", "RENDERING", "MIXING"];

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function waitsPanel(watch, alive) {
  const states = table(t("ops.states.title"), [t("ops.state"), t("ops.jobs")]);
  const showStates = rowsIn(states.body, ([state]) => state, stateRow);
  const reasons = h("ul", { class: "reasons" });
  const showReasons = rowsIn(reasons, ([code]) => code, reasonRow);
  const none = h("p", { class: "quiet" }, t("ops.waits.none"));
  watch.stats.value.watch((stats) => {
    showStates(UNFINISHED.map((state) => [state, stats?.unfinished[state] ?? 0]));
    const found = Object.entries(stats?.waiting_for ?? {}).sort(([, one], [, other]) => other - one);
    showReasons(found);
    none.hidden = !stats || found.length > 0;
  }, alive);
  return h("section", { class: "panel" }, h("h2", {}, t("ops.waits.title")), reasons, none, h("h3", {}, t("ops.states.title")),
    states.element);
}

/** @returns {import("./rows.js").Row<[State, number]>} */
function stateRow() {
  const { element, fill } = tableRow(2);
  const update = (/** @type {[State, number]} */ [state, jobs]) => fill([
    [t("ops.state"), h("a", { href: linkTo({ status: state }) }, t(`ops.state.${state}`))],
    [t("ops.jobs"), number(jobs)],
  ]);
  return { element, update };
}

/** @returns {import("./rows.js").Row<[string, number]>} */
function reasonRow() {
  const element = h("li", {});
  const update = (/** @type {[string, number]} */ [code, jobs]) => say(element,
    h("a", { href: linkTo({ code }) }, counted("ops.n_jobs", jobs)), " ", codeLink(code),
    h("p", { class: "meaning" }, ...meaningOf(code)));
  return { element, update };
}

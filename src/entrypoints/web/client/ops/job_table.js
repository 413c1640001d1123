/** The table of a page of jobs. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { since } from "./figures.js";
import { badge, doing, kindOf, shortId, whose } from "./job_cells.js";
import { rowsIn, table, tableRow } from "./rows.js";

/** @import { Signal } from "../base/signal.js" */
/** @import { Selection } from "./selection.js" */
/** @import { JobPage, JobRow } from "./types.js" */

/**
 * @template {JobPage} Page
 * @param {Signal<Page | null>} page
 * @param {Selection} selection
 * @param {AbortSignal} alive
 */
export function jobTable(page, selection, alive) {
  const all = h("input", { type: "checkbox", "aria-label": t("ops.list.choose_all") });
  all.onclick = () => selection.setPage(all.checked);
  const columns = [all, t("ops.state"), t("ops.job"), t("ops.kind"), t("ops.doing"), t("ops.whose"), t("ops.errors"), t("ops.accepted")];
  const { element, body } = table(t("ops.list.title"), columns, { class: "jobs" });
  const show = rowsIn(body, ({ id }) => id, () => jobRow(selection));
  const none = h("p", { role: "status" });
  page.watch((found) => {
    show(found?.jobs ?? []);
    element.hidden = !found?.jobs.length;
    none.textContent = found === null ? t("ops.list.loading") : found.jobs.length ? "" : t("ops.list.none");
  }, alive);
  selection.chosen.watch((chosen) => {
    for (const row of body.rows) mark(row, chosen.has(row.dataset.id ?? ""));
    all.checked = selection.onPage > 0;
    all.indeterminate = selection.onPage > 0 && selection.onPage < (page.value?.jobs.length ?? 0);
  }, alive);
  return h("div", {}, none, element);
}

/**
 * @param {Selection} selection
 * @returns {import("./rows.js").Row<JobRow>}
 */
function jobRow(selection) {
  const box = h("input", { type: "checkbox" });
  box.onclick = (event) => selection.set(element.dataset.id ?? "", box.checked, event.shiftKey);
  const { element, fill } = tableRow(7, h("td", { role: "cell", class: "choice" }, h("label", {}, box)));
  const update = (/** @type {JobRow} */ job) => {
    element.dataset.id = job.id;
    box.setAttribute("aria-label", t("ops.list.choose", { id: job.id.slice(0, 8), state: t(`ops.state.${job.status}`) }));
    fill(contentsOf(job));
    mark(element, selection.chosen.value.has(job.id));
  };
  return { element, update };
}

/**
 * @param {HTMLTableRowElement} row
 * @param {boolean} chosen
 */
function mark(row, chosen) {
  row.classList.toggle("chosen", chosen);
  const box = row.querySelector("input");
  if (box) box.checked = chosen;
}

/**
 * @param {JobRow} job
 * @returns {[string, ...(string | Node)[]][]}
 */
function contentsOf(job) {
  return [
    [t("ops.state"), badge(job.status)],
    [t("ops.job"), shortId(job.id)],
    [t("ops.kind"), kindOf(job)],
    [t("ops.doing"), ...doing(job)],
    [t("ops.whose"), whose(job)],
    [t("ops.errors"), t("ops.of", { part: job.errors, whole: job.max_attempts })],
    [t("ops.accepted"), since(job.created_at)],
  ];
}

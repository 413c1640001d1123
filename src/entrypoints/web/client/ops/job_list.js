/** The jobs, page by page; several can be chosen and cancelled, retried or deleted. */

import { h } from "../base/dom.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { Feed } from "./feed.js";
import { freshness } from "./freshness.js";
import { filterForm, filterOf, queryOf } from "./job_filter.js";
import { jobTable } from "./job_table.js";
import { listJobs } from "./operations.js";
import { Selection } from "./selection.js";
import { selectionBar } from "./selection_bar.js";

/** @import { JobPage } from "./types.js" */
/** @import { Watch } from "./watch.js" */

const EVERY_MS = 5000;
const PAGE = 50;

/**
 * @param {string} text The filter, as the address says it.
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function jobList(text, watch, alive) {
  const filter = filterOf(text);
  const cursors = new Signal(/** @type {string[]} */ ([]));
  const feed = new Feed((reading) => listJobs(pageOf(filter, cursors.value), reading), EVERY_MS);
  const selection = new Selection();
  feed.value.watch((page) => selection.show(page?.jobs ?? []), alive);
  const changed = () => { feed.now(); watch.stats.now(); };
  const element = h("div", { class: "list" }, h("h1", {}, t("ops.list.title")), filterForm(filter), freshness(feed, alive),
    jobTable(feed.value, selection, alive), pager(feed, cursors, alive), selectionBar(selection, changed, alive));
  void feed.run(alive);
  return element;
}

/**
 * @param {URLSearchParams} filter
 * @param {string[]} cursors Of the pages up to the present one.
 */
function pageOf(filter, cursors) {
  const query = queryOf(filter);
  query.set("limit", String(PAGE));
  const cursor = cursors.at(-1);
  if (cursor) query.set("cursor", cursor);
  return query;
}

/**
 * @param {Feed<JobPage>} feed
 * @param {Signal<string[]>} cursors
 * @param {AbortSignal} alive
 */
function pager(feed, cursors, alive) {
  const turn = (/** @type {string[]} */ to) => { cursors.value = to; feed.now(); };
  const back = h("button", { type: "button", onclick: () => turn(cursors.value.slice(0, -1)) }, t("ops.list.newer"));
  const on = h("button", { type: "button" }, t("ops.list.older"));
  on.onclick = () => { if (feed.value.value?.next_cursor) turn([...cursors.value, feed.value.value.next_cursor]); };
  const place = h("span", { role: "status" });
  const element = h("nav", { class: "pager", "aria-label": t("ops.list.pages") }, back, place, on);
  feed.value.watch((page) => {
    back.disabled = !cursors.value.length;
    on.disabled = !page?.next_cursor;
    place.textContent = t("ops.list.page", { page: cursors.value.length + 1 });
    element.hidden = back.disabled && on.disabled;
  }, alive);
  return element;
}

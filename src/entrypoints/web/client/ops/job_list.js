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
/** @typedef {JobPage & { at: string[] }} ShownPage With the cursors of the pages up to it. */

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
  const read = async (/** @type {AbortSignal} */ reading) => {
    const at = cursors.value;
    return { ...(await listJobs(pageOf(filter, at), reading)), at };
  };
  const feed = new Feed(read, EVERY_MS);
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
 * The buttons turn one page at a time: until the page that was asked for is there, they do nothing. A page that cannot be
 * read is not turned to.
 * @param {Feed<ShownPage>} feed
 * @param {Signal<string[]>} cursors Of the pages up to the one that is asked for.
 * @param {AbortSignal} alive
 */
function pager(feed, cursors, alive) {
  const settled = () => feed.value.value?.at === cursors.value;
  const turn = (/** @type {string[]} */ to) => { cursors.value = to; show(); feed.now(); };
  const back = h("button", { type: "button", onclick: () => { if (settled()) turn(cursors.value.slice(0, -1)); } }, t("ops.list.newer"));
  const on = h("button", { type: "button" }, t("ops.list.older"));
  on.onclick = () => { if (settled() && feed.value.value?.next_cursor) turn([...cursors.value, feed.value.value.next_cursor]); };
  const place = h("span", { role: "status" });
  const element = h("nav", { class: "pager", hidden: true, "aria-label": t("ops.list.pages") }, back, place, on);
  const show = () => {
    const page = feed.value.value;
    for (const button of [back, on]) {
      if (!settled()) button.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
      else button.removeAttribute("aria-disabled");
    }
    if (!page || !settled()) return;
    back.disabled = !page.at.length;
    on.disabled = !page.next_cursor;
    place.textContent = t("ops.list.page", { page: page.at.length + 1 });
    element.hidden = back.disabled && on.disabled;
  };
  feed.value.watch(show, alive);
  feed.problem.watch((problem) => {
    if (problem && feed.value.value) cursors.value = feed.value.value.at;
    show();
  }, alive);
  return element;
}

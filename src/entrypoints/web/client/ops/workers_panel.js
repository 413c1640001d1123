/** Who works: each worker with its slots and what keeps it from working, and the jobs that are held now. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { Feed } from "./feed.js";
import { counted, number, since } from "./figures.js";
import { badge, shortId } from "./job_cells.js";
import { linkTo } from "./job_filter.js";
import { readFleet } from "./operations.js";
import { rowsIn, table, tableRow } from "./rows.js";

/** @import { JobRow, Worker } from "./types.js" */
/** @import { Watch } from "./watch.js" */

const EVERY_MS = 5000;
const SHOWN = 50;

/**
 * @param {Watch} _watch
 * @param {AbortSignal} alive
 */
export function workersPanel(_watch, alive) {
  const fleet = new Feed(readFleet, EVERY_MS);
  const blocked = h("span", {}, t("ops.blocked"));
  const workers = table(t("ops.workers.title"), [t("ops.worker"), t("ops.slots"), blocked, t("ops.started"), t("ops.seen")]);
  const leases = table(t("ops.leases.title"), [t("ops.job"), t("ops.state"), t("ops.worker"), t("ops.lease"), t("ops.attempt")]);
  const showWorkers = rowsIn(workers.body, ({ name }) => name, workerRow);
  const showLeases = rowsIn(leases.body, ({ id }) => id, leaseRow);
  const [none, more] = [h("p", { class: "quiet" }), h("p", { class: "quiet" })];
  fleet.value.watch((found) => {
    showWorkers(found?.workers ?? []);
    showLeases(found?.leases.slice(0, SHOWN) ?? []);
    none.textContent = found && !found.workers.length ? t("ops.workers.none") : "";
    const others = Math.max(0, (found?.leases.length ?? 0) - SHOWN);
    more.textContent = !found?.leases.length ? t("ops.leases.none") : others ? counted("ops.leases.more", others) : "";
    blocked.hidden = !found?.workers.some(({ waiting_for: waits }) => Object.keys(waits).length);
    workers.element.hidden = !found?.workers.length;
    leases.element.hidden = !found?.leases.length;
  }, alive);
  void fleet.run(alive);
  return h("section", { class: "panel wide" }, h("h2", {}, t("ops.workers.title")), none, workers.element,
    h("h3", {}, t("ops.leases.title")), leases.element, more);
}

/** @returns {import("./rows.js").Row<Worker>} */
function workerRow() {
  const { element, fill } = tableRow(5);
  const update = (/** @type {Worker} */ worker) => fill([
    [t("ops.worker"), h("a", { class: "name", href: linkTo({ worker: worker.name }) }, worker.name), " ",
      h("small", {}, `${worker.host} ${worker.version}`)],
    [t("ops.slots"), slots(worker)],
    [t("ops.blocked"), ...blocks(worker)], // nothing, mostly
    [t("ops.started"), worker.started_at ? since(worker.started_at) : "–"],
    [t("ops.seen"), worker.seen_at ? since(worker.seen_at) : "–"],
  ]);
  return { element, update };
}

/** @param {Worker} worker */
function slots({ running, slots: all }) {
  const text = t("ops.of", { part: number(running), whole: number(all) });
  return h("span", { class: "slots" }, h("meter", { min: 0, max: Math.max(1, all), value: running, "aria-label": text }), " ", text);
}

/** @param {Worker} worker */
function blocks({ waiting_for: waits }) {
  const found = Object.entries(waits);
  return found.map(([kind, code]) => h("div", {}, t(kind === "song" ? "ops.kind.song" : "ops.kind.preview"), ": ", codeLink(String(code))));
}

/** @returns {import("./rows.js").Row<JobRow>} */
function leaseRow() {
  const { element, fill } = tableRow(5);
  const update = (/** @type {JobRow} */ job) => fill([
    [t("ops.job"), shortId(job.id)],
    [t("ops.state"), badge(job.status)],
    [t("ops.worker"), job.worker ?? ""],
    [t("ops.lease"), job.leased_until ? since(job.leased_until) : "–"],
    [t("ops.attempt"), number(job.attempt)],
  ]);
  return { element, update };
}

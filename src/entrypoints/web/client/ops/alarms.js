/** What an operator should know first: what is on fire, and what is merely warm. */

import { t } from "../base/text.js";
import { isPermanent } from "./codes.js";
import { counted, duration, number } from "./figures.js";

/** @import { DeliveryStats, Kind, Stats } from "./types.js" */

/** @typedef {{ level: "alarm" | "warning", text: string, href?: string, code?: string }} Alarm */

/** From when on a waiting job is old (docs/operations.md#troubleshooting). */
export const OLD_SECONDS = 60;
const STUCK_SECONDS = 10;
const LATE_SECONDS = 60;
const FEW_FAILURES = 3;
/** @type {Kind[]} */
const KINDS = ["preview", "song"];

/**
 * Return what is wrong, the worst first.
 * @param {Stats | null} stats Null if they were never read, as `deliveries`.
 * @param {DeliveryStats | null} deliveries
 * @param {Record<string, string>} parts The state of each part of the api, from `/readyz`.
 * @param {boolean} [unread] Whether the stats cannot be read now: then nobody knows whether all is well.
 * @returns {Alarm[]}
 */
export function alarmsOf(stats, deliveries, parts, unread = false) {
  const found = [...ofReading(unread), ...ofParts(parts), ...(stats ? ofStats(stats) : []), ...(deliveries ? ofDeliveries(deliveries) : [])];
  return found.sort((one, other) => Number(one.level === "warning") - Number(other.level === "warning"));
}

/** @param {Stats} stats */
const ofStats = (stats) => [...ofWorkers(stats), ...ofQueue(stats), ...ofFailures(stats), ...ofPauses(stats), ...ofConversions(stats)];

/** @param {boolean} unread @returns {Alarm[]} */
const ofReading = (unread) => (unread ? [{ level: "alarm", text: t("ops.alarm.unread") }] : []);

/** @param {Record<string, string>} parts @returns {Alarm[]} */
function ofParts(parts) {
  const failing = Object.entries(parts).filter(([, state]) => state !== "ok");
  return failing.map(([part, code]) => ({ level: "alarm", text: t("ops.alarm.part", { part }), code }));
}

/** @param {Stats} stats @returns {Alarm[]} */
function ofWorkers({ workers, waiting, delayed, paused }) {
  const left = waiting + delayed;
  if (!workers.length) {
    return left
      ? [{ level: "alarm", text: counted("ops.alarm.no_worker", left), code: "worker_missing" }]
      : [{ level: "warning", text: t("ops.alarm.no_worker_yet") }];
  }
  const blocked = KINDS.filter((kind) => !paused.includes(kind) && workers.every((worker) => worker.waiting_for[kind]));
  return blocked.map((kind) => ({
    level: "alarm", text: t(`ops.alarm.blocked.${kind}`), code: String(workers[0]?.waiting_for[kind]),
  }));
}

/** @param {Stats} stats @returns {Alarm[]} */
function ofQueue({ workers, waiting, running, lost, oldest_waiting: oldest, paused }) {
  /** @type {Alarm[]} */
  const found = [];
  if (lost) found.push({ level: "alarm", text: counted("ops.alarm.lost", lost), code: "worker_lost" });
  const everything = paused.length === KINDS.length;
  if (oldest > OLD_SECONDS && waiting) {
    found.push({ level: everything ? "warning" : "alarm", text: t("ops.alarm.old", { duration: duration(oldest) }) });
  } else if (workers.length && waiting && !running && oldest > STUCK_SECONDS && !everything) {
    found.push({ level: "alarm", text: counted("ops.alarm.stuck", waiting) });
  }
  return found;
}

/**
 * Bad recordings are no alarm: there is nothing to mend.
 * @param {Stats} stats
 * @returns {Alarm[]}
 */
function ofFailures({ failed_1h: failed, completed_1h: completed, failed_1d: all, failed_for: reasons }) {
  if (failed < FEW_FAILURES || failed <= completed) return [];
  const refused = Object.entries(reasons).reduce((sum, [code, jobs]) => sum + (isPermanent(code) ? jobs : 0), 0);
  const values = { failed: number(failed), completed: number(completed) };
  return [{ level: refused > all / 2 ? "warning" : "alarm", text: t("ops.alarm.failing", values), href: "#/jobs/?status=FAILED" }];
}

/** @param {Stats} stats @returns {Alarm[]} */
function ofPauses({ paused }) {
  return paused.map((kind) => ({ level: "warning", text: t(`ops.alarm.paused.${kind}`) }));
}

/** @param {Stats} stats @returns {Alarm[]} */
function ofConversions({ conversions }) {
  const { waiting = 0, oldest_waiting: oldest = 0 } = conversions ?? {};
  return waiting && oldest > OLD_SECONDS ? [{ level: "warning", text: t("ops.alarm.files", { duration: duration(oldest) }) }] : [];
}

/** @param {DeliveryStats} deliveries @returns {Alarm[]} */
function ofDeliveries({ late, disabled }) {
  /** @type {Alarm[]} */
  const found = [];
  if (late > LATE_SECONDS) found.push({ level: "warning", text: t("ops.alarm.late", { duration: duration(late) }) });
  if (disabled.length) found.push({ level: "warning", text: counted("ops.alarm.disabled", disabled.length) });
  return found;
}

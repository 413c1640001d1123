/** What happened to a job, in order: its states, the calls of music tools in them, and the attempts that did not end it. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { duration, exactly } from "./figures.js";
import { badge, ENDED } from "./job_cells.js";
import { table } from "./rows.js";
import { timeScale } from "./time_scale.js";

/** @import { TimeScale } from "./time_scale.js" */
/** @import { Attempt, Call, Timeline } from "./types.js" */

/**
 * @typedef {object} Step Times in seconds since the job was accepted.
 * @property {"state" | "call" | "attempt"} kind
 * @property {number} start
 * @property {number} end
 * @property {boolean} failed
 * @property {boolean} open Whether it still lasts.
 * @property {(string | Node)[]} what
 * @property {(string | Node)[]} who
 */

/**
 * Return a drawing as a table: a row for each step, with a bar where it is in time.
 * @param {Timeline} timeline
 */
export function waterfall(timeline) {
  const steps = stepsOf(timeline, Date.now());
  const scale = timeScale(spansOf(steps));
  const { element, body } = table(t("ops.timeline"), [t("ops.step"), t("ops.start"), t("ops.took"), t("ops.drawing"), t("ops.by")], { class: "waterfall" });
  body.append(...steps.map((step) => row(step, scale, accepted(timeline))));
  return element;
}

/**
 * Return the steps of a job in order.
 * @param {Timeline} timeline
 * @param {number} now In milliseconds.
 * @returns {Step[]}
 */
export function stepsOf(timeline, now) {
  const from = accepted(timeline);
  const seconds = (/** @type {string | number} */ time) => Math.max(0, (new Date(time).getTime() - from) / 1000);
  const found = [...statesOf(timeline, seconds, now), ...timeline.calls.map((call) => ofCall(call, seconds)),
    ...timeline.attempts.map((attempt) => ofAttempt(attempt, seconds))];
  const order = { state: 0, call: 1, attempt: 2 };
  return found.sort((one, other) => one.start - other.start || order[one.kind] - order[other.kind]);
}

/** @param {Timeline} timeline */
const accepted = ({ history, job }) => new Date(history[0]?.at ?? job.created_at).getTime();

/**
 * @param {Timeline} timeline
 * @param {(time: string | number) => number} seconds
 * @param {number} now
 * @returns {Step[]}
 */
function statesOf({ history, error }, seconds, now) {
  return history.map(({ status, at }, index) => {
    const next = history[index + 1]?.at;
    const open = !next && !ENDED.has(status);
    const failed = status === "FAILED";
    const what = [badge(status), ...(failed && error && !next ? [" ", codeLink(error.code)] : [])];
    const start = seconds(at);
    const end = Math.max(start, seconds(next ?? (open ? now : at))); // this device's clock may be behind
    return { kind: "state", start, end, failed, open, what, who: [] };
  });
}

/** @param {Call} call @param {(time: string) => number} seconds @returns {Step} */
function ofCall({ tool, at, seconds: took, code = "", attempt = 0, worker = "" }, seconds) {
  const start = seconds(at);
  const what = [h("code", {}, tool), ...(code ? [" ", codeLink(code)] : [])];
  return { kind: "call", start, end: start + took, failed: Boolean(code), open: false, what, who: [t("ops.call_by", { attempt, worker })] };
}

/** @param {Attempt} attempt @param {(time: string) => number} seconds @returns {Step} */
function ofAttempt({ at, worker, code, message = "", counted = true }, seconds) {
  const what = [h("strong", {}, t("ops.attempt_ended")), " ", codeLink(code), message ? `: ${message}` : "",
    counted ? "" : ` ${t("ops.uncounted")}`];
  return { kind: "attempt", start: seconds(at), end: seconds(at), failed: true, open: false, what, who: [worker] };
}

/**
 * Waiting is no activity, but its ends are: a job may wait for hours and work for seconds.
 * @param {readonly Step[]} steps
 */
function spansOf(steps) {
  const calls = steps.filter(({ kind }) => kind === "call");
  const moments = steps.flatMap(({ start, end }) => [start, end]).map((time) => ({ start: time, end: time }));
  return [...calls, ...moments];
}

/**
 * @param {Step} step
 * @param {TimeScale} scale
 * @param {number} from In milliseconds.
 */
function row({ kind, start, end, failed, open, what, who }, scale, from) {
  const bar = h("span", { class: failed ? "bar failed" : open ? "bar open" : "bar" });
  bar.style.setProperty("--start", scale.at(start).toFixed(4));
  bar.style.setProperty("--width", (scale.at(end) - scale.at(start)).toFixed(4));
  const took = kind === "attempt" || (end === start && !open) ? "" : duration(end - start);
  return h("tr", { role: "row", class: kind },
    h("td", { role: "cell", class: "what" }, what),
    h("td", { role: "cell", "data-column": t("ops.start"), title: exactly(new Date(from + start * 1000)) }, `+${duration(start)}`),
    h("td", { role: "cell", "data-column": t("ops.took") }, open ? t("ops.so_far", { duration: took }) : took),
    h("td", { role: "cell", class: "track", "aria-hidden": "true" }, h("div", {}, scale.pauses.map((pause) => hatch(pause, scale)), bar)),
    h("td", { role: "cell", class: "by", "data-column": t("ops.by") }, who));
}

/**
 * @param {import("./time_scale.js").Span} pause
 * @param {TimeScale} scale
 */
function hatch({ start, end }, scale) {
  const element = h("span", { class: "pause", title: t("ops.squeezed", { duration: duration(end - start) }) });
  element.style.setProperty("--start", scale.at(start).toFixed(4));
  element.style.setProperty("--width", (scale.at(end) - scale.at(start)).toFixed(4));
  return element;
}

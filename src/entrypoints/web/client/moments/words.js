/** How what the service says is said to people. */

import { counted, hasText, LANGUAGE, t } from "../base/text.js";

/** @import { Status, Warning } from "../api/types.js" */

const MANY = 1000; // from this position on, the service no longer counts

/**
 * Return a duration such as "0.5 s".
 * @param {number} seconds
 * @param {boolean} [fine] With tenths, if it is short.
 */
export function duration(seconds, fine = true) {
  const digits = fine && seconds < 10 ? 1 : 0;
  const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return t("moment.seconds", { count: new Intl.NumberFormat(LANGUAGE, style).format(fine ? seconds : Math.floor(seconds)) });
}

/**
 * Return when it will be done, such as "Ready in about 20 seconds".
 * @param {number} seconds
 */
export function eta(seconds) {
  const [unit, count] = seconds < 90 ? ["second", Math.max(1, Math.ceil(seconds))] : ["minute", Math.round(seconds / 60)];
  const style = { style: /** @type {const} */ ("unit"), unit: String(unit), unitDisplay: /** @type {const} */ ("long") };
  return t("waiting.eta", { time: new Intl.NumberFormat(LANGUAGE, style).format(Number(count)) });
}

/**
 * Return how many moments are made before this one.
 * @param {number} position
 */
export function queue(position) {
  return position >= MANY ? t("waiting.many") : position ? counted("waiting.before", position) : t("waiting.next");
}

/**
 * Return what a moment waits for.
 * @param {string} code
 */
export function waitingFor(code) {
  const name = `waiting.for.${code}`;
  return `${t("waiting.safe")} ${hasText(name) ? t(name) : t("waiting.for.other", { code })}`;
}

/**
 * Return a warning as a sentence.
 * @param {Warning} warning
 */
export function warningText({ pointer, message }) {
  const name = `warning.about.${pointer.split("/")[1] ?? ""}`;
  const about = hasText(name) ? t(name) : pointer.replace(/^\//, "");
  return about ? t("warning.text", { about, message }) : message;
}

/**
 * Return why a moment failed, and what may help.
 * @param {Status} status
 * @returns {{ why: string, hint: string }}
 */
export function failure({ error }) {
  const [why, hint] = [`failed.why.${error?.code}`, `failed.hint.${error?.code}`];
  const usual = error?.retryable ? "failed.hint.retry" : "failed.hint.again";
  return {
    why: hasText(why) ? t(why) : t(error?.retryable ? "failed.why.ours" : "failed.why.other", { message: error?.message ?? "" }),
    hint: t(hasText(hint) ? hint : usual),
  };
}

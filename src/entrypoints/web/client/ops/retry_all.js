/** Trying failed jobs again, all of a code: first it is told what that would do. */

import { Problem } from "../api/client.js";
import { ask } from "../base/ask.js";
import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { counted } from "./figures.js";
import { retryFailed } from "./operations.js";
import { showOutcomes } from "./outcomes.js";

/** @import { Outcomes } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/**
 * @param {string} code Or "" for all that may do better.
 * @param {Watch} watch
 */
export async function retryAll(code, watch) {
  try {
    const found = await retryFailed(code, true);
    if (!(await agreed(code, found))) return;
    const { outcomes } = await retryFailed(code, false);
    showOutcomes("retry", outcomes);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notify(error.message);
  }
  watch.stats.now();
}

/**
 * @param {string} code
 * @param {Outcomes} found
 */
function agreed(code, { outcomes, left_out: leftOut, more }) {
  if (!outcomes.length) {
    notify(leftOut ? counted("ops.retry_all.left_out", leftOut) : t("ops.retry_all.none"));
    return false;
  }
  const lines = [
    counted("ops.retry_all.would", outcomes.length),
    ...(leftOut ? [counted("ops.retry_all.left_out", leftOut)] : []),
    ...(more ? [t("ops.retry_all.more")] : []),
  ];
  return ask({
    title: t("ops.retry_all.title"), yes: counted("ops.do.retry", outcomes.length), no: t("ops.keep"), harmless: true,
    body: [...(code ? [h("p", {}, t("ops.retry_all.code"), " ", codeLink(code))] : []), ...lines.map((line) => h("p", {}, line))],
  });
}

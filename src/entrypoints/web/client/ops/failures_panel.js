/** What failed within a day, by code, and trying all of a code again. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink, meaningOf } from "./codes.js";
import { counted } from "./figures.js";
import { linkTo } from "./job_filter.js";
import { retryAll } from "./retry_all.js";
import { rowsIn, say } from "./rows.js";

/** @import { Watch } from "./watch.js" */

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function failuresPanel(watch, alive) {
  const list = h("ul", { class: "reasons" });
  const show = rowsIn(list, ([code]) => code, () => failureRow(watch));
  const none = h("p", { class: "quiet" }, t("ops.failures.none"));
  const all = h("button", { type: "button", onclick: () => void retryAll("", watch) }, t("ops.failures.retry_hopeful"));
  watch.stats.value.watch((stats) => {
    const found = Object.entries(stats?.failed_for ?? {}).sort(([, one], [, other]) => other - one);
    show(found);
    none.hidden = !stats || found.length > 0;
    all.hidden = !found.length;
  }, alive);
  return h("section", { class: "panel failures" }, h("h2", {}, t("ops.failures.title")), none, list, all);
}

/**
 * @param {Watch} watch
 * @returns {import("./rows.js").Row<[string, number]>}
 */
function failureRow(watch) {
  const said = h("div", {});
  let code = "";
  const button = h("button", { type: "button", onclick: () => void retryAll(code, watch) });
  const update = (/** @type {[string, number]} */ [failed, jobs]) => {
    code = failed;
    button.textContent = t("ops.failures.retry");
    button.setAttribute("aria-label", t("ops.failures.retry_of", { code }));
    say(said, h("a", { href: linkTo({ status: "FAILED", code }) }, counted("ops.n_jobs", jobs)), " ",
      codeLink(code), h("p", { class: "meaning" }, ...meaningOf(code)));
  };
  return { element: h("li", { class: "failure" }, said, button), update };
}

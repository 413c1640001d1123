/** The first thing that is seen, on every view: whether anything is on fire, in words and not by colour alone. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink, meaningOf } from "./codes.js";
import { counted } from "./figures.js";
import { rowsIn, say } from "./rows.js";

/** @import { Alarm } from "./alarms.js" */
/** @import { Watch } from "./watch.js" */

const TITLE = document.title;

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function headline(watch, alive) {
  const verdict = h("p", { class: "verdict", role: "status" });
  const list = h("ul", { class: "alarms", "aria-label": t("ops.alarms") });
  const show = rowsIn(list, (/** @type {Alarm} */ { text, code }) => `${text} ${code}`, alarmRow);
  const element = h("section", { class: "headline", "aria-label": t("ops.headline") }, verdict, list);
  watch.alarms.watch((alarms) => {
    const worst = alarms === null ? "unknown" : (alarms[0]?.level ?? "well");
    element.dataset.level = worst;
    say(verdict, verdictOf(alarms));
    show(alarms ?? []);
    const alarming = alarms?.filter(({ level }) => level === "alarm").length ?? 0;
    document.title = alarming ? `(${alarming}!) ${TITLE}` : TITLE;
  }, alive);
  return element;
}

/** @param {Alarm[] | null} alarms */
function verdictOf(alarms) {
  if (alarms === null) return t("ops.verdict.unknown");
  const alarming = alarms.filter(({ level }) => level === "alarm").length;
  if (alarming) return counted("ops.verdict.alarm", alarming);
  return alarms.length ? counted("ops.verdict.warning", alarms.length) : t("ops.verdict.well");
}

/** @returns {import("./rows.js").Row<Alarm>} */
function alarmRow() {
  const element = h("li", {});
  const update = (/** @type {Alarm} */ { level, text, code = "", href }) => {
    element.dataset.level = level;
    const named = code ? [" ", codeLink(code), " ", h("span", { class: "meaning" }, ...meaningOf(code))] : [];
    const said = href ? h("a", { href }, text) : text;
    say(element, h("strong", {}, t(`ops.level.${level}`)), " ", said, ...named);
  };
  return { element, update };
}

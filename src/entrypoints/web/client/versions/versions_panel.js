/** The versions of a hum side by side: what differs, how far each is, and comparing two of them. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { Comparison } from "./comparison.js";
import { comparisonBar } from "./comparison_bar.js";
import { differencesOf, factsOf } from "./differences.js";
import { Versions } from "./versions.js";

/** @import { Status } from "../api/types.js" */
/** @import { Moment } from "../moments/moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function versionsPanel(moment, alive) {
  const { all } = new Versions(moment, alive);
  const comparison = new Comparison(moment, alive);
  const list = h("ol", { class: "versions-list" });
  const panel = h("section", { class: "panel versions", hidden: true, "aria-label": t("versions.title") }, h("h2", {}, t("versions.title")), list, comparisonBar(comparison, alive));
  const show = () => {
    panel.hidden = all.value.length < 2;
    keepingFocus(list, () => replace(list, all.value.map((version) => item(version, moment, all.value, comparison))));
  };
  all.watch(show, alive);
  comparison.other.watch(show, alive);
  return panel;
}

/**
 * @param {Moment} version
 * @param {Moment} shown
 * @param {readonly Moment[]} all
 * @param {Comparison} comparison
 */
function item(version, shown, all, comparison) {
  const status = /** @type {Status} */ (version.status.value);
  const here = version === shown;
  const name = h("a", { href: `#/moments/${version.id}`, "aria-current": here ? "page" : null, "data-focus": version.id }, factsOf(status));
  const about = h("p", { class: "about" }, [differenceOf(status, all), stateOf(status, here)].filter(Boolean).join(" · "));
  const comparable = !here && [version, shown].every(({ status: { value } }) => value?.status === "COMPLETED");
  return h("li", { class: here ? "here" : null }, h("div", {}, name, about), comparable && compareButton(version, comparison));
}

/**
 * @param {Status} status
 * @param {readonly Moment[]} all
 */
function differenceOf(status, all) {
  const parent = all.find(({ id }) => id === status.parent_id)?.status.value;
  if (!parent) return t(status.parent_id ? "versions.later" : "versions.first");
  return differencesOf(status, parent).join(", ") || t("versions.same");
}

/**
 * @param {Status} status
 * @param {boolean} here
 */
function stateOf({ status }, here) {
  if (here) return t("versions.here");
  return status === "COMPLETED" ? "" : t(`moment.state.${status}`);
}

/**
 * @param {Moment} version
 * @param {Comparison} comparison
 */
function compareButton(version, comparison) {
  const pressed = comparison.other.value === version;
  return h("button", { type: "button", "data-focus": `${version.id}/compare`, "aria-pressed": String(pressed),
    onclick: () => comparison.toggle(version) }, t("versions.compare"));
}

/**
 * Build the list anew, and put the focus where it was.
 * @param {HTMLElement} list
 * @param {() => void} build
 */
function keepingFocus(list, build) {
  const { activeElement: focused } = document;
  const name = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.focus : undefined;
  build();
  if (name) /** @type {HTMLElement | null} */ (list.querySelector(`[data-focus="${CSS.escape(name)}"]`))?.focus();
}

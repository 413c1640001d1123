/** The versions of a hum side by side: what differs, how far each is. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
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
  const list = h("ol", { class: "versions-list" });
  const panel = h("section", { class: "panel versions", hidden: true }, h("h2", {}, t("versions.title")), list);
  const show = () => {
    panel.hidden = all.value.length < 2;
    replace(list, all.value.map((version) => item(version, moment, all.value)));
  };
  all.watch(show, alive);
  return panel;
}

/**
 * @param {Moment} version
 * @param {Moment} shown
 * @param {readonly Moment[]} all
 */
function item(version, shown, all) {
  const status = /** @type {Status} */ (version.status.value);
  const here = version === shown;
  const name = h("a", { href: `#/moments/${version.id}`, "aria-current": here ? "page" : null }, factsOf(status));
  const about = h("p", { class: "about" }, [differenceOf(status, all), stateOf(status, here)].filter(Boolean).join(" · "));
  return h("li", { class: here ? "here" : null }, h("div", {}, name, about));
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

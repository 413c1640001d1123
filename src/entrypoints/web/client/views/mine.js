/** The moments that were made with this browser. */

import { h } from "../base/dom.js";
import { ago, t } from "../base/text.js";
import { keptMoments } from "../device/moments.js";

/** @param {AbortSignal} _alive */
export function mine(_alive) {
  const kept = keptMoments();
  const items = kept.map(({ id, style, createdAt }) =>
    h("li", {}, h("a", { href: `#/moments/${id}` }, t("mine.open", { style: style || t("home.style_any"), when: ago(createdAt) }))));
  return h("div", { class: "mine" }, h("h1", {}, t("mine.title")),
    kept.length ? h("ul", { class: "moments" }, items) : h("p", {}, t("mine.empty")));
}

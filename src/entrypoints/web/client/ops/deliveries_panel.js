/** Webhooks: what is still to be delivered, and where nothing is sent any more. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { duration, number, since } from "./figures.js";
import { rowsIn, say, table, tableRow } from "./rows.js";

/** @import { DeliveryStats } from "./types.js" */
/** @import { Watch } from "./watch.js" */

/**
 * @param {Watch} watch
 * @param {AbortSignal} alive
 */
export function deliveriesPanel(watch, alive) {
  const counts = h("dl", { class: "facts" });
  const disabled = table(t("ops.webhooks.disabled"), [t("ops.owner"), t("ops.url"), t("ops.because"), t("ops.when")]);
  const show = rowsIn(disabled.body, ({ id }) => id, endpointRow);
  const hint = h("p", { class: "quiet" }, t("ops.webhooks.enable"), " ", h("code", {}, "moment webhooks enable ID"));
  watch.deliveries.value.watch((stats) => {
    say(counts, h("dt", {}, t("ops.webhooks.pending")), h("dd", {}, stats ? number(stats.pending) : "–"),
      h("dt", {}, t("ops.webhooks.late")), h("dd", {}, stats ? duration(stats.late) : "–"),
      h("dt", {}, t("ops.webhooks.failing")), h("dd", {}, failingOf(stats)),
      h("dt", {}, t("ops.webhooks.disabled")), h("dd", {}, stats ? number(stats.disabled.length) : "–"));
    show(stats?.disabled ?? []);
    disabled.element.hidden = hint.hidden = !stats?.disabled.length;
  }, alive);
  return h("section", { class: "panel" }, h("h2", {}, t("ops.webhooks.title")), counts, disabled.element, hint);
}

/** @param {DeliveryStats | null} stats */
function failingOf(stats) {
  const { failing = 0, failing_for: seconds = 0 } = stats ?? {};
  if (stats?.failing === undefined) return "–"; // an api of a version before does not count them
  return failing ? t("ops.webhooks.failing_for", { count: number(failing), duration: duration(seconds) }) : number(0);
}

/** @returns {import("./rows.js").Row<DeliveryStats["disabled"][number]>} */
function endpointRow() {
  const { element, fill } = tableRow(4);
  const update = (/** @type {DeliveryStats["disabled"][number]} */ { id, owner, url, because, disabled_at: at }) => fill([
    [t("ops.owner"), owner || t("ops.nobody")],
    [t("ops.url"), url, " ", h("small", {}, h("code", {}, id))],
    [t("ops.because"), because],
    [t("ops.when"), since(at)],
  ]);
  return { element, update };
}

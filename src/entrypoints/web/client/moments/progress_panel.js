/** How far a moment is, and a way to stop it. */

import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";

/** @import { Moment } from "./moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function progressPanel(moment, alive) {
  const said = h("p", { role: "status", class: "message" });
  const bar = h("progress", { "aria-label": t("moment.title"), max: 1, value: 0 });
  const stop = h("button", { type: "button", class: "quiet" }, t("moment.cancel"));
  stop.onclick = () => void moment.cancel().catch((error) => notify(error.message));
  const panel = h("section", { class: "panel progress" }, said, bar, stop);
  moment.progress.watch((part) => { bar.value = part; }, alive);
  moment.connection.watch((connection) => {
    if (connection === "gone") said.textContent = t("moment.gone");
    else if (connection === "lost") said.textContent = t("error.offline");
  }, alive);
  moment.status.watch((status) => {
    if (!status) return;
    said.textContent = status.error?.message ?? t(`moment.state.${status.status}`);
    bar.hidden = stop.hidden = status.terminal;
  }, alive);
  return panel;
}

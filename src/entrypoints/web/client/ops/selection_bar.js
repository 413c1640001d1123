/** What can be done with the chosen jobs; it stays in sight while any are chosen. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { ACTIONS, APPLIES, perform } from "./actions.js";
import { counted } from "./figures.js";

/** @import { Action } from "./actions.js" */
/** @import { Selection } from "./selection.js" */

/**
 * @param {Selection} selection
 * @param {() => void} changed
 * @param {AbortSignal} alive
 */
export function selectionBar(selection, changed, alive) {
  const said = h("span", { role: "status" });
  const buttons = ACTIONS.map((action) => actionButton(action, selection, changed, alive));
  const clear = h("button", { type: "button", class: "quiet", onclick: () => selection.clear() }, t("ops.list.clear"));
  const bar = h("div", { class: "selection", role: "group", "aria-label": t("ops.list.actions") }, said, buttons, clear);
  selection.chosen.watch((chosen) => {
    bar.hidden = !chosen.size;
    said.textContent = chosen.size ? counted("ops.list.chosen", chosen.size) : "";
  }, alive);
  return bar;
}

/**
 * @param {Action} action
 * @param {Selection} selection
 * @param {() => void} changed
 * @param {AbortSignal} alive
 */
function actionButton(action, selection, changed, alive) {
  const button = h("button", { type: "button", class: action === "delete" ? "danger" : "" });
  button.onclick = async () => {
    if (!(await perform(action, [...selection.chosen.value.values()]))) return;
    selection.clear();
    changed();
  };
  selection.chosen.watch((chosen) => {
    const meant = [...chosen.values()].filter(APPLIES[action]).length;
    button.disabled = !meant;
    button.textContent = meant ? counted(`ops.do.${action}`, meant) : t(`ops.${action}`);
  }, alive);
  return button;
}

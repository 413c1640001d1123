/** Says that changes of earlier are back, and takes them away again. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/** @import { Wishes } from "./wishes.js" */

/**
 * @param {Wishes} wishes
 * @param {AbortSignal} alive
 */
export function draftNote(wishes, alive) {
  const said = h("p", { role: "status", tabindex: -1 });
  const discard = h("button", { type: "button" }, t("edit.draft_discard"));
  const note = h("div", { class: "draft-note" }, said, discard);
  discard.onclick = () => { wishes.reset(); said.focus(); }; // the button is about to go
  requestAnimationFrame(() => { said.textContent = t("edit.draft_back"); }); // screen readers speak what changes
  wishes.watch(() => {
    if (wishes.differ || discard.hidden) return;
    discard.hidden = true;
    said.textContent = t("edit.draft_discarded");
  }, alive);
  return note;
}

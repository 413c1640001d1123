/** Says at the foot of the page that a key is kept in this browser, and forgets it again. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { keepKey, kept } from "./key.js";

/** @param {AbortSignal} alive */
export function keyNote(alive) {
  const forget = h("button", { type: "button", class: "quiet", onclick: () => keepKey("") }, t("key.forget"));
  const note = h("p", { class: "key-note" }, t("key.kept"), " ", forget);
  kept.watch((key) => { note.hidden = !key; }, alive);
  return note;
}

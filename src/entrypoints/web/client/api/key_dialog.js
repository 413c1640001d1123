/** The dialog that asks for a key. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";
import { keepKey } from "./key.js";

/**
 * Show the dialog; return whether a key was entered, which is kept then.
 * @param {boolean} refused Whether the present key was refused.
 * @returns {Promise<boolean>}
 */
export function keyDialog(refused) {
  const input = h("input", { id: "key", type: "password", autocomplete: "off", required: true, "aria-describedby": "key-why" });
  const later = h("button", { type: "button" }, t("key.later"));
  const form = h("form", {},
    h("h2", { id: "key-title" }, t("key.title")),
    h("p", { id: "key-why" }, t(refused ? "key.refused" : "key.needed"), " ", t("key.kept_here")),
    h("label", { class: "field", for: "key" }, t("key.label"), input),
    h("div", { class: "actions" }, h("button", { class: "primary" }, t("key.use")), later));
  const dialog = h("dialog", { class: "key", "aria-labelledby": "key-title" }, form);
  return new Promise((answer) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      keepKey(input.value.trim());
      dialog.close("entered");
    });
    later.addEventListener("click", () => dialog.close(""));
    dialog.addEventListener("close", () => { dialog.remove(); answer(dialog.returnValue === "entered"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A question before something that cannot be undone. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/**
 * Ask; return whether the answer is yes. Escape, and leaving the view, mean no.
 * @param {{ title: string, text: string, yes: string }} question
 * @param {AbortSignal} alive
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, yes }, alive) {
  const close = (/** @type {string} */ answer) => () => dialog.close(answer);
  const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
    h("h2", { id: "ask-title" }, title),
    h("p", { id: "ask-text" }, text),
    h("div", { class: "answers" },
      h("button", { type: "button", autofocus: true, onclick: close("") }, t("ask.no")),
      h("button", { type: "button", class: "danger", onclick: close("yes") }, yes)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    alive.addEventListener("abort", close(""), { once: true });
    dialog.addEventListener("close", () => { dialog.remove(); answer(dialog.returnValue === "yes"); });
  });
}

/** A question before something that cannot be undone. */

import { h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/**
 * Ask; return whether the answer is yes. Escape, and leaving the view, mean no, which has the focus.
 * @param {{ title: string, body: Child[], yes: string, no: string, harmless?: boolean }} question `yes` and `no` are what the
 *   buttons say.
 * @param {AbortSignal} [alive]
 * @returns {Promise<boolean>}
 */
export function ask({ title, body, yes, no, harmless = false }, alive) {
  const close = (/** @type {string} */ answer) => () => dialog.close(answer);
  const dialog = h("dialog", { "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
    h("h2", { id: "ask-title" }, title),
    h("div", { id: "ask-text" }, ...body),
    h("div", { class: "answers" },
      h("button", { type: "button", autofocus: true, onclick: close("") }, no),
      h("button", { type: "button", class: harmless ? "primary" : "danger", onclick: close("yes") }, yes)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    alive?.addEventListener("abort", close(""), { once: true });
    dialog.addEventListener("close", () => { dialog.remove(); answer(dialog.returnValue === "yes"); });
  });
}

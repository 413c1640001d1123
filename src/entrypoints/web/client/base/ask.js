/** A question before something that cannot be undone. */

import { h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {Child[]} body
 * @property {string} yes What the button says.
 * @property {string} no What the button says.
 * @property {string} [more] What the button says that does more than yes does; without, there is none.
 * @property {boolean} [harmless]
 */

/**
 * Ask; return whether the answer is yes. Escape, and leaving the view, mean no, which has the focus.
 * @param {Question} question
 * @param {AbortSignal} [alive]
 * @returns {Promise<boolean>}
 */
export async function ask(question, alive) {
  return await choose(question, alive) !== "";
}

/**
 * Ask; return "yes", "more", or "" for no, as `ask` does.
 * @param {Question} question
 * @param {AbortSignal} [alive]
 * @returns {Promise<string>}
 */
export function choose({ title, body, yes, no, more, harmless = false }, alive) {
  const close = (/** @type {string} */ answer) => () => dialog.close(answer);
  const look = harmless ? "primary" : "danger";
  const dialog = h("dialog", { "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
    h("h2", { id: "ask-title" }, title),
    h("div", { id: "ask-text" }, ...body),
    h("div", { class: "answers" },
      h("button", { type: "button", autofocus: true, onclick: close("") }, no),
      h("button", { type: "button", class: look, onclick: close("yes") }, yes),
      more && h("button", { type: "button", class: look, onclick: close("more") }, more)));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    alive?.addEventListener("abort", close(""), { once: true });
    dialog.addEventListener("close", () => { dialog.remove(); answer(dialog.returnValue); });
  });
}

/** The second step before anything that changes jobs. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/**
 * Ask whether to go on; the safe answer has the focus.
 * @param {{ title: string, body: Node[], act: string, danger?: boolean }} question `act` is what
 *   the button says that goes on.
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, body, act, danger = false }) {
  const back = document.activeElement;
  const heading = h("h2", { id: "question" }, title);
  const no = h("button", { type: "button", autofocus: true }, t("ops.keep"));
  const yes = h("button", { type: "button", class: danger ? "danger" : "primary" }, act);
  const dialog = h("dialog", { "aria-labelledby": "question" }, heading, body, h("div", { class: "buttons" }, no, yes));
  document.body.append(dialog);
  return new Promise((answer) => {
    dialog.onclose = () => {
      dialog.remove();
      if (back instanceof HTMLElement) back.focus();
      answer(dialog.returnValue === "yes");
    };
    no.onclick = () => dialog.close("no");
    yes.onclick = () => dialog.close("yes");
    dialog.showModal();
  });
}

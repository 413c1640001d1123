/** What can be done about a moment that is made, has failed, or needs a key. */

import { askForKey } from "../api/key_entry.js";
import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";

/** @import { Moment } from "./moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function actions(moment, alive) {
  const stop = button(t("moment.cancel"), "", () => moment.cancel());
  const retry = button(t("moment.retry"), "primary", () => moment.retry());
  const key = button(t("key.enter"), "primary", () => askForKey(moment.problem.value?.code === "key_invalid"));
  const again = h("a", { class: "button", href: "#/" }, t("moment.again"));
  const show = () => {
    const status = moment.status.value;
    key.hidden = moment.connection.value !== "locked";
    stop.hidden = !status || status.terminal;
    retry.hidden = !status?.error?.retryable;
    again.hidden = status?.status !== "FAILED" && status?.status !== "CANCELLED";
  };
  moment.status.watch(show, alive);
  moment.connection.watch(show, alive);
  return h("div", { class: "actions" }, retry, again, key, stop);
}

/**
 * Return a button that does something once at a time, and says what went wrong.
 * @param {string} text
 * @param {string} look
 * @param {() => Promise<unknown>} action
 */
function button(text, look, action) {
  const pressed = async () => {
    if (made.getAttribute("aria-disabled")) return;
    made.setAttribute("aria-disabled", "true"); // `disabled` would take the focus away
    try {
      await action();
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error));
    } finally {
      made.removeAttribute("aria-disabled");
    }
  };
  const made = h("button", { type: "button", class: look, hidden: true, onclick: () => void pressed() }, text);
  return made;
}

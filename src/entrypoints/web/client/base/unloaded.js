/** Said in place of a part of the page whose modules could not be loaded. */

import { h } from "./dom.js";
import { t } from "./text.js";

/**
 * Return what is said, and a button that loads the page anew: that helps where the service has become newer than it.
 * @param {string} [comfort] What is not lost.
 */
export function unloaded(comfort = "") {
  const reload = h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("error.reload"));
  return h("div", { class: "unloaded", role: "alert" }, h("p", {}, t("error.not_loaded"), " ", comfort), reload);
}

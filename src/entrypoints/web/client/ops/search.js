/** Going to a job by its id, wherever it was copied from. */

import { h } from "../base/dom.js";
import { go } from "../base/router.js";
import { t } from "../base/text.js";

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** Return a form that takes an id, or a text with one in it, such as a line of a log or a URL. */
export function search() {
  const field = h("input", { type: "search", name: "id", "aria-label": t("ops.search"), placeholder: t("ops.search"), autocomplete: "off",
    spellcheck: "false", "aria-describedby": "search-said" });
  const said = h("span", { id: "search-said", class: "message", role: "status" });
  const find = (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = ID.exec(field.value)?.[0];
    said.textContent = found ? "" : t("ops.search.no_id");
    if (!found) return;
    field.value = "";
    go(`/jobs/${found.toLowerCase()}`);
  };
  return h("form", { role: "search", class: "search", onsubmit: find }, field, h("button", { type: "submit" }, t("ops.search.go")), said);
}

/** What became of each job that something was done with; it stays until it is closed. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { codeLink } from "./codes.js";
import { counted } from "./figures.js";
import { shortId } from "./job_cells.js";

/** @import { Outcome } from "./types.js" */

/**
 * @param {"cancel" | "retry" | "delete"} action
 * @param {Outcome[]} outcomes
 */
export function showOutcomes(action, outcomes) {
  const place = document.getElementById("outcomes");
  if (!place) return;
  const refused = outcomes.filter(({ error }) => error);
  const done = outcomes.length - refused.length;
  const close = h("button", { type: "button", class: "quiet", onclick: () => replace(place) }, t("ops.close"));
  replace(place, h("div", { class: refused.length ? "panel outcomes refused" : "panel outcomes" },
    h("p", {}, done ? counted(`ops.done.${action}`, done) : "", " ",
      refused.length ? h("strong", {}, counted("ops.refused", refused.length)) : null),
    refused.length ? h("ul", {}, refused.map(refusal)) : null,
    done ? h("details", {}, h("summary", {}, t("ops.each")), h("ul", {}, outcomes.filter(({ error }) => !error).map(ending))) : null,
    close));
}

/** @param {Outcome} outcome */
function refusal({ job_id: id, error }) {
  return h("li", {}, shortId(id), " ", error?.message, " ", error?.code ? codeLink(error.code) : null);
}

/** @param {Outcome} outcome */
function ending({ job_id: id, status }) {
  return h("li", {}, status ? shortId(id) : h("code", {}, id), " ", status ? t(`ops.state.${status}`) : t("ops.deleted"));
}

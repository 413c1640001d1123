/** The part of a moment's view where it is changed; the editor itself is loaded once somebody opens it. */

import { h, replace } from "../base/dom.js";
import { t } from "../base/text.js";
import { draftOf } from "../device/drafts.js";
import { unloaded } from "../base/unloaded.js";

/** @import { Status } from "../api/types.js" */
/** @import { Moment } from "../moments/moment.js" */

const NOT_YET = ["PENDING", "ANALYZING"]; // until then the blueprint is a draft
const NEVER = "CANCELLED"; // its recording is gone

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function editorPanel(moment, alive) {
  const place = h("div", {}, h("p", { role: "status" }, t("edit.loading")));
  const panel = h("details", { class: "panel editor", hidden: true }, h("summary", {}, h("h2", {}, t("edit.title")),
    h("span", { class: "about" }, t("edit.about"))), place);
  panel.addEventListener("toggle", () => { if (panel.open) void load(moment, place, alive); }, { once: true, signal: alive });
  let looked = false;
  moment.status.watch((status) => {
    panel.hidden = !status || !changeable(status);
    if (panel.hidden || looked) return;
    looked = true;
    panel.open = draftOf(moment.id) !== null; // changes of earlier are shown, not hidden
  }, alive);
  return panel;
}

/** @param {Status} status */
function changeable({ status, blueprint_json: blueprint }) {
  return Boolean(blueprint?.metadata?.analysis?.notes.length) && !NOT_YET.includes(status) && status !== NEVER;
}

/**
 * @param {Moment} moment
 * @param {HTMLElement} place
 * @param {AbortSignal} alive
 */
async function load(moment, place, alive) {
  try {
    const { editor } = await import("./editor.js");
    if (!alive.aborted) replace(place, editor(moment, alive));
  } catch {
    replace(place, unloaded());
  }
}

/** What is left to do with a moment that is done: save its files, share it, and see to its end. */

import { h } from "../base/dom.js";
import { go } from "../base/router.js";
import { dateAndTime, t } from "../base/text.js";
import { changeMoment, keepMoment, keptMoment, watchMoments } from "../device/moments.js";
import { storageTrouble } from "../device/storage.js";
import { deleteMoment } from "./deletion.js";
import { downloads } from "./downloads.js";
import { explain } from "./explain.js";
import { sharePart } from "./share_part.js";
import { factsOf, titleOf } from "./titles.js";

/** @import { Status } from "../api/types.js" */
/** @import { Moment } from "../moments/moment.js" */

/**
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export function keepingPanel(moment, alive) {
  const title = () => titleOf({ style: "", ...known(moment), ...keptMoment(moment.id) });
  const files = downloads(moment, alive);
  const sharing = sharePart(moment.id, title, alive);
  const end = endPart(moment, title, alive);
  const panel = h("section", { class: "panel keeping", hidden: true }, h("h2", {}, t("keep.title")), sharing, files.element, end.element);
  const show = () => {
    const status = moment.status.value;
    panel.hidden = !status?.terminal;
    sharing.hidden = !status?.final_audio_url;
    if (!status?.terminal) return;
    files.update(status, title());
    end.update(status);
  };
  moment.status.watch((status) => { if (status) changeMoment(moment.id, factsOf(status)); show(); }, alive);
  watchMoments(show, alive);
  return panel;
}

/** @param {Moment} moment */
const known = ({ status: { value } }) => value ? factsOf(value) : {};

/**
 * @param {Moment} moment
 * @param {() => string} title
 * @param {AbortSignal} alive
 */
function endPart(moment, title, alive) {
  const until = h("p"), trouble = h("p", { class: "message" }), said = h("p", { role: "status", class: "message" });
  const add = h("button", { type: "button", onclick: () => addToList(moment) }, t("keep.add"));
  const remove = h("button", { type: "button", class: "danger" }, t("delete.button"));
  remove.onclick = () => void leave({ id: moment.id, parentId: moment.status.value?.parent_id }, title(), { remove, said, alive });
  storageTrouble.watch((why) => { trouble.textContent = why ? t(`mine.trouble.${why}`) : ""; }, alive);
  const element = h("section", { class: "end" }, h("h3", {}, t("keep.end")), until, trouble, h("div", { class: "buttons" }, add, remove), said);
  return { element, update: (/** @type {Status} */ status) => {
    add.hidden = !!keptMoment(moment.id);
    until.textContent = status.expires_at ? t("keep.until", { when: dateAndTime(status.expires_at) }) : t("keep.for_ever");
  } };
}

/** @param {Moment} moment One that was made elsewhere, whose address somebody opened here. */
function addToList({ id, status: { value } }) {
  if (value) keepMoment({ id, createdAt: value.created_at, parentId: value.parent_id ?? undefined, ...factsOf(value) });
}

/**
 * @param {{ id: string, parentId?: string | null }} moment
 * @param {string} title
 * @param {{ remove: HTMLButtonElement, said: HTMLElement, alive: AbortSignal }} parts
 */
async function leave(moment, title, { remove, said, alive }) {
  const started = () => {
    remove.disabled = true;
    said.textContent = t("delete.started");
  };
  try {
    if (await deleteMoment(moment, title, alive, started)) go("/mine");
  } catch (error) {
    if (!alive.aborted) said.textContent = explain(error);
    remove.disabled = false;
  }
}

/** One moment in the list: what it is, how it is, and what can be done with it. */

import { h, replace } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { ago, dateOf, t } from "../base/text.js";
import { changeMoment, keptMoment } from "../device/moments.js";
import { deleteMoment, forgetEverywhere } from "./deletion.js";
import { explain } from "./explain.js";
import { playButton } from "./play_button.js";
import { renameForm } from "./renaming.js";
import { factsOf, titleOf } from "./titles.js";

/** @import { Signal } from "../base/signal.js" */
/** @import { Kept } from "../device/moments_text.js" */
/** @import { ListPlayer } from "./list_player.js" */
/** @import { Found, Lookups } from "./lookups.js" */

/**
 * What all cards of a list share.
 * @typedef {object} Shared
 * @property {ListPlayer} player
 * @property {Lookups} lookups
 * @property {(element: Element) => Signal<boolean>} seen
 * @property {() => void} left Called when a moment was deleted here.
 * @property {AbortSignal} alive
 */

/** @typedef {{ element: HTMLElement, found: Signal<Found>, update: (kept: Kept) => void }} MomentCard */

/**
 * @param {Kept} first What is known of it.
 * @param {Shared} shared
 * @returns {MomentCard}
 */
export function momentCard(first, shared) {
  let kept = first;
  const { alive } = shared;
  const link = h("a", { href: `#/moments/${encodeURIComponent(kept.id)}` }), heading = h("h2", {}, link);
  const facts = h("p", { class: "known" }), element = h("article", { class: "card" });
  const found = shared.lookups.watch(kept.id, shared.seen(element));
  const title = () => titleOf(kept);
  const { button, position, show: showPlay } = playButton(kept.id, title, { found, player: shared.player, alive });
  const actions = h("div", { class: "buttons" });
  element.append(button, h("div", { class: "what" }, heading, facts), actions, position);
  const show = () => {
    link.textContent = title();
    facts.textContent = factsIn(kept, found.value);
    element.classList.toggle("lost", found.value.trouble === "gone");
    showPlay();
  };
  showActions(actions, heading, () => kept, found, shared);
  found.watch(({ status }) => { if (status) changeMoment(kept.id, factsOf(status)); show(); }, alive);
  return { element, found, update: (newer) => { kept = newer; show(); } };
}

/**
 * @param {Kept} kept
 * @param {Found} found
 */
function factsIn({ createdAt, kind, expiresAt }, { status, trouble }) {
  const made = ago(createdAt);
  if (trouble === "gone") return expiresAt ? t("mine.gone_since", { made, when: dateOf(expiresAt) }) : t("mine.gone", { made });
  const state = status && status.status !== "COMPLETED" && t(`moment.state.${status.status}`);
  const length = kind && t(kind === "song" ? "mine.song" : "mine.preview");
  const until = status?.expires_at && t("mine.until", { when: dateOf(status.expires_at) });
  return [made, length, state, until, trouble && t("mine.away")].filter(Boolean).join(" · ");
}

/**
 * @param {HTMLElement} actions
 * @param {HTMLElement} heading
 * @param {() => Kept} kept
 * @param {Signal<Found>} found
 * @param {Shared} shared
 */
function showActions(actions, heading, kept, found, { left, player, alive }) {
  const rename = h("button", { type: "button", class: "quiet" }, t("rename.button"));
  rename.onclick = () => {
    const { form, field } = renameForm(kept().id, titleOf(kept()), titleOf({ ...kept(), name: undefined }), () => {
      form.replaceWith(heading);
      actions.hidden = false;
      rename.focus();
    });
    heading.replaceWith(form);
    actions.hidden = true; // two Saves, or a Delete beside Cancel, would be one too many
    field.focus();
    field.select();
  };
  const remove = h("button", { type: "button", class: "quiet", onclick: () => void deleteHere() }, t("delete.button"));
  const forget = h("button", { type: "button", onclick: () => void forgetEverywhere(kept().id) }, t("mine.forget"));
  const deleteHere = async () => {
    try {
      if (!await deleteMoment({ id: kept().id, parentId: found.value.status?.parent_id }, titleOf(kept()), alive, () => { remove.disabled = true; })) return;
      if (!keptMoment(player.chosen.value)) player.stop();
      left();
    } catch (error) {
      if (!alive.aborted) notify(explain(error));
      remove.disabled = false;
    }
  };
  /** @type {boolean | null} */
  let wasGone = null;
  found.watch(({ trouble }) => {
    const isGone = trouble === "gone";
    if (isGone !== wasGone) replace(actions, ...(isGone ? [forget] : [rename, remove]));
    wasGone = isGone; // built again only then, so that the button that has the focus keeps it
  }, alive);
}

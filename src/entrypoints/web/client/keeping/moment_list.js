/** The list of moments: each with the versions that were made of it. */

import { h, replace } from "../base/dom.js";
import { counted, t } from "../base/text.js";
import { keptMoments, watchMoments } from "../device/moments.js";
import { forgetEverywhere } from "./deletion.js";
import { familiesOf } from "./families.js";
import { ListPlayer } from "./list_player.js";
import { Lookups } from "./lookups.js";
import { momentCard } from "./moment_card.js";
import { titleOf } from "./titles.js";
import { visibility } from "./visibility.js";

/** @import { Kept } from "../device/moments_text.js" */
/** @import { Family } from "./families.js" */
/** @import { MomentCard, Shared } from "./moment_card.js" */

/**
 * Return the list, which keeps itself up to date, and what is said above it.
 * @param {() => void} left Called when a moment was deleted in it.
 * @param {AbortSignal} alive
 */
export function momentList(left, alive) {
  const shared = { player: new ListPlayer(alive), lookups: new Lookups(alive), seen: visibility(alive), left, alive };
  /** @type {Map<string, MomentCard>} */
  const cards = new Map();
  const list = h("ul", { class: "moments", "aria-label": t("mine.title") });
  const cleaning = goneBar(cards);
  let shown = "";
  const show = () => {
    const moments = keptMoments();
    for (const kept of moments) cardOf(kept, cards, shared, cleaning.show).update(kept);
    const families = familiesOf(moments);
    const order = JSON.stringify(families.map(({ first, versions }) => [first.id, versions.map(({ id }) => id)]));
    if (order !== shown) arrange(list, families, cards);
    shown = order;
    cleaning.show();
  };
  watchMoments(show, alive);
  show();
  return [cleaning.element, list];
}

/**
 * Put the cards in their places; the element that has the focus keeps it.
 * @param {HTMLElement} list
 * @param {Family[]} families
 * @param {ReadonlyMap<string, MomentCard>} cards
 */
function arrange(list, families, cards) {
  const focused = document.activeElement;
  replace(list, families.map((family) => familyItem(family, cards)));
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus();
}

/**
 * @param {Kept} kept
 * @param {Map<string, MomentCard>} cards
 * @param {Shared} shared
 * @param {() => void} changed Called when more is known of it.
 */
function cardOf(kept, cards, shared, changed) {
  const known = cards.get(kept.id);
  if (known) return known;
  const card = momentCard(kept, shared);
  cards.set(kept.id, card);
  card.found.watch(changed, shared.alive);
  return card;
}

/**
 * Return what removes all that are gone at once, where there are several.
 * @param {ReadonlyMap<string, MomentCard>} cards
 */
function goneBar(cards) {
  const text = h("p");
  const gone = () => keptMoments().filter(({ id }) => cards.get(id)?.found.value.trouble === "gone");
  const forget = () => { for (const { id } of gone()) void forgetEverywhere(id); };
  const element = h("div", { class: "warning", hidden: true }, text, h("button", { type: "button", onclick: forget }, t("mine.forget_gone")));
  return { element, show: () => {
    const count = gone().length;
    element.hidden = count < 2;
    text.textContent = counted("mine.are_gone", count);
  } };
}

/**
 * @param {Family} family
 * @param {ReadonlyMap<string, MomentCard>} cards
 */
function familyItem({ first, versions }, cards) {
  const label = t("mine.versions", { title: titleOf(first) });
  return h("li", {}, cards.get(first.id)?.element,
    versions.length > 0 && h("ul", { class: "remixes", "aria-label": label },
      versions.map(({ id }) => h("li", {}, cards.get(id)?.element))));
}

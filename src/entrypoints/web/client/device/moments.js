/** The moments that were made with this browser; nobody else has a list of them. */

import { notify } from "../base/notices.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { readList, writeList } from "./moments_text.js";
import { forgetText, keepText, readText } from "./storage.js";

/** @typedef {import("./moments_text.js").Kept} Kept */

/** How many the list has at most. */
export const MOST = 200;

const KEPT_AS = "moment.mine";
const DAMAGED_AS = "moment.mine.damaged";

/** Counts the changes of the list in this tab. */
const changes = new Signal(0);

/** Return them, newest first. */
export function keptMoments() {
  return readList(readText(KEPT_AS)).moments;
}

/**
 * Return what is known of one, or null.
 * @param {string} id
 */
export function keptMoment(id) {
  return keptMoments().find((one) => one.id === id) ?? null;
}

/**
 * Add one, or change what is known of it. The oldest ones leave a list that is full.
 * @param {Kept} moment
 */
export function keepMoment(moment) {
  keepMoments([moment]);
}

/**
 * Add some, or change what is known of them.
 * @param {readonly Kept[]} added
 */
export function keepMoments(added) {
  const all = new Map(keptMoments().map((one) => [one.id, one]));
  for (const one of added) all.set(one.id, { ...all.get(one.id), ...one });
  const sorted = [...all.values()].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  store(sorted.slice(0, MOST));
  if (sorted.length > MOST) notify(t("mine.oldest_left", { count: sorted.length - MOST, most: MOST }));
}

/**
 * Change what is known of one that is in the list; undefined takes something back.
 * @param {string} id
 * @param {Partial<Kept>} facts
 */
export function changeMoment(id, facts) {
  const known = keptMoment(id);
  const changed = { ...known, ...facts, id };
  if (known && JSON.stringify(changed) !== JSON.stringify(known)) {
    store(keptMoments().map((one) => one.id === id ? { ...one, ...facts } : one));
  }
}

/**
 * Forget one; its remixes stay, as remixes of what it was one of, or of the oldest of them.
 * @param {string} id
 */
export function forgetMoment(id) {
  const others = keptMoments().filter((one) => one.id !== id);
  const parentId = keptMoment(id)?.parentId ?? others.findLast((one) => one.parentId === id)?.id;
  const inherited = (/** @type {Kept} */ one) => ({ ...one, parentId: one.id === parentId ? undefined : parentId });
  store(others.map((one) => one.parentId === id ? inherited(one) : one));
}

/**
 * Call a function whenever the list changes, here or in another tab.
 * @param {() => void} changed
 * @param {AbortSignal} alive
 */
export function watchMoments(changed, alive) {
  let first = true;
  changes.watch(() => { if (!first) changed(); first = false; }, alive);
  watchOtherTabs(changed, alive);
}

/**
 * Call a function whenever the list is changed in another tab.
 * @param {() => void} changed
 * @param {AbortSignal} alive
 */
export function watchOtherTabs(changed, alive) {
  window.addEventListener("storage", ({ key }) => {
    if (key === KEPT_AS || key === null) changed(); // null: everything was removed
  }, { signal: alive });
}

/** Return the text of a list that could not be read, or "". */
export function damagedList() {
  const text = readText(KEPT_AS) ?? "";
  return readText(DAMAGED_AS) ?? (readList(text).damaged ? text : "");
}

/** Forget the list that could not be read, but for what could be. */
export function forgetDamagedList() {
  store(keptMoments());
  forgetText(DAMAGED_AS);
  changes.value += 1;
}

/** @param {readonly Kept[]} moments */
function store(moments) {
  const former = readText(KEPT_AS) ?? "";
  if (readList(former).damaged) keepText(DAMAGED_AS, former); // it is the user's: nothing is lost by writing over it
  keepText(KEPT_AS, writeList(moments));
  changes.value += 1;
}

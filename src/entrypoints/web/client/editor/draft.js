/** What was changed in the editor before a version was made of it: kept while it is changed, and taken up again. */

import { guardPage } from "../base/guard.js";
import { draftOf, draftsUnkept, forgetDraft, keepDraft } from "../device/drafts.js";
import { readDraft } from "./draft_reading.js";

/** @import { Wishes } from "./wishes.js" */

const PAUSE_MS = 300;

guardPage(draftsUnkept, new AbortController().signal); // also once the editor is left

/**
 * Take up what was changed earlier; return whether there was anything. What cannot be read is forgotten.
 * @param {string} id Of the moment.
 * @param {Wishes} wishes
 */
export function takeUpDraft(id, wishes) {
  const draft = readDraft(draftOf(id), wishes.energies.value.length);
  if (draft) wishes.set(draft);
  else forgetDraft(id);
  return draft !== null && wishes.differ;
}

/**
 * Keep what is changed, until the signal aborts.
 * @param {string} id Of the moment.
 * @param {Wishes} wishes
 * @param {AbortSignal} alive
 * @returns {{ end: () => void }} What forgets it, once a version was made of it.
 */
export function keepDraftOf(id, wishes, alive) {
  let due = 0, over = false;
  const save = () => {
    clearTimeout(due);
    if (over) return;
    if (wishes.differ) keepDraft(id, wishes.values);
    else forgetDraft(id);
  };
  const soon = () => { clearTimeout(due); due = window.setTimeout(save, PAUSE_MS); }; // not at each pixel of a drag
  wishes.watch(soon, alive);
  window.addEventListener("pagehide", save, { signal: alive });
  alive.addEventListener("abort", save, { once: true });
  return { end: () => { over = true; clearTimeout(due); forgetDraft(id); } };
}

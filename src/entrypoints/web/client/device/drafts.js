/**
 * Changes of moments of which no version was made yet: they outlast a reload, and last as long as the tab.
 *
 * Another tab has drafts of its own, so that two cannot write over each other.
 */

import { Signal } from "../base/signal.js";

const KEPT_AS = "moment.draft.";
const MOST = 8;

/** What this browser does not keep. @type {Map<string, unknown>} */
const inMemory = new Map();

/** Whether some of it ends with the page. */
export const draftsUnkept = new Signal(false);

/**
 * Return the draft of a moment as it was kept, or null; it may be damaged.
 * @param {string} id Of the moment.
 * @returns {unknown}
 */
export function draftOf(id) {
  return inMemory.get(id) ?? read(KEPT_AS + id)?.draft ?? null;
}

/**
 * Keep the draft of a moment; the oldest of many leave.
 * @param {string} id Of the moment.
 * @param {unknown} draft That JSON can say.
 */
export function keepDraft(id, draft) {
  try {
    sessionStorage.setItem(KEPT_AS + id, JSON.stringify({ at: Date.now(), draft }));
    removeOldest();
    inMemory.delete(id);
  } catch {
    inMemory.set(id, draft); // storage is full, or there is none
  }
  draftsUnkept.value = inMemory.size > 0;
}

/** @param {string} id Of the moment. */
export function forgetDraft(id) {
  inMemory.delete(id);
  draftsUnkept.value = inMemory.size > 0;
  try {
    sessionStorage.removeItem(KEPT_AS + id);
  } catch {
    // where nothing is kept, there is nothing to forget
  }
}

function removeOldest() {
  const names = Object.keys(sessionStorage).filter((name) => name.startsWith(KEPT_AS));
  const byAge = names.map((name) => ({ name, at: Number(read(name)?.at) || 0 })).sort((one, other) => one.at - other.at);
  for (const { name } of byAge.slice(0, Math.max(0, names.length - MOST))) sessionStorage.removeItem(name);
}

/**
 * @param {string} name
 * @returns {{ at?: unknown, draft?: unknown } | null}
 */
function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** Deleting a moment, or all versions of its hum: the files on the service, and what this device knows of them. */

import { Problem } from "../api/client.js";
import { choose } from "../base/ask.js";
import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { Signal } from "../base/signal.js";
import { counted, t } from "../base/text.js";
import { forgetDraft } from "../device/drafts.js";
import { forgetMoment } from "../device/moments.js";
import { forgetRecording } from "../device/recordings.js";
import { deleteJob } from "./requests.js";
import { otherVersions } from "./siblings.js";

/** @typedef {import("./siblings.js").Others} Others */

/** What became of the last moment that was deleted, for the view that is shown next. */
export const farewell = new Signal("");

let asking = false;

/**
 * Ask whether a moment is to be deleted, alone or with all versions of its hum, and do so; return whether it is gone.
 * @param {{ id: string, parentId?: string | null }} moment
 * @param {string} title
 * @param {AbortSignal} alive
 * @param {() => void} [started] Called once the answer was yes: what runs has to be stopped, which may take a while.
 * @throws {Problem} It is still there.
 */
export async function deleteMoment({ id, parentId = null }, title, alive, started) {
  if (asking) return false;
  asking = true; // what is asked of the service may take a while, and the button stays
  const others = await otherVersions(id, parentId, alive).finally(() => { asking = false; });
  const answer = await choose(questionOf(title, others), alive);
  if (!answer) return false;
  started?.();
  if (answer === "more") await deleteOthers(others.ids, alive);
  const wasThere = await deleteOne(id, alive);
  farewell.value = farewellOf(title, wasThere, others, answer === "more");
  return true;
}

/**
 * @param {string} title
 * @param {Others} others
 */
function questionOf(title, { ids, first }) {
  const usual = { title: t("delete.title", { title }), no: t("ask.no") };
  if (!ids.length) return { ...usual, body: [h("p", {}, t("delete.text"))], yes: t("delete.yes") };
  const stays = counted(first ? "delete.versions_of_first" : "delete.versions", ids.length);
  return { ...usual, body: [h("p", {}, t("delete.text_one")), h("p", {}, stays)], yes: t("delete.yes_one"), more: t("delete.yes_all") };
}

/**
 * @param {string} title
 * @param {boolean} wasThere
 * @param {Others} others
 * @param {boolean} all Whether these are deleted, too.
 */
function farewellOf(title, wasThere, { ids }, all) {
  if (all) return counted("delete.done_all", ids.length, { title });
  if (!wasThere) return t("delete.was_gone", { title });
  return ids.length ? counted("delete.done_one", ids.length, { title }) : t("delete.done", { title });
}

/**
 * Delete versions, the newest first; where one stays, say how many are gone.
 * @param {readonly string[]} ids
 * @param {AbortSignal} alive
 */
async function deleteOthers(ids, alive) {
  let gone = 0;
  try {
    for (const id of [...ids].reverse()) {
      await deleteOne(id, alive);
      gone += 1;
    }
  } catch (error) {
    if (gone && !alive.aborted) notify(t("delete.partly", { count: gone, all: ids.length + 1 }));
    throw error;
  }
}

/**
 * Delete a moment, and forget it; return whether there was one.
 * @param {string} id
 * @param {AbortSignal} alive
 */
async function deleteOne(id, alive) {
  const wasThere = await deleted(id, alive);
  await forgetEverywhere(id);
  return wasThere;
}

/**
 * Forget what this device knows of a moment.
 * @param {string} id
 */
export async function forgetEverywhere(id) {
  forgetMoment(id);
  forgetDraft(id);
  await forgetRecording(id);
}

/**
 * Delete a moment; return whether there was one.
 * @param {string} id
 * @param {AbortSignal} alive
 */
async function deleted(id, alive) {
  try {
    await deleteJob(id, alive);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === "job_not_found") return false;
    throw error;
  }
}

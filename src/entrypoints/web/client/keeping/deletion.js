/** Deleting a moment: its files on the service, and what this device knows of it. */

import { Problem } from "../api/client.js";
import { ask } from "../base/ask.js";
import { h } from "../base/dom.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { forgetDraft } from "../device/drafts.js";
import { forgetMoment, keptMoments } from "../device/moments.js";
import { forgetRecording } from "../device/recordings.js";
import { deleteJob } from "./requests.js";

/** What became of the last moment that was deleted, for the view that is shown next. */
export const farewell = new Signal("");

/**
 * Ask whether a moment is to be deleted, and delete it; return whether it is gone.
 * @param {string} id
 * @param {string} title
 * @param {AbortSignal} alive
 * @param {() => void} [started] Called once the answer was yes: what runs has to be stopped, which may take a while.
 * @throws {Problem} It is still there.
 */
export async function deleteMoment(id, title, alive, started) {
  const remixes = keptMoments().filter(({ parentId }) => parentId === id).length;
  const text = [t("delete.text"), remixes ? t("delete.remixes_stay") : ""].join(" ").trim();
  const question = { title: t("delete.title", { title }), body: [h("p", {}, text)], yes: t("delete.yes"), no: t("ask.no") };
  if (!await ask(question, alive)) return false;
  started?.();
  const wasThere = await deleted(id, alive);
  await forgetEverywhere(id);
  farewell.value = t(wasThere ? "delete.done" : "delete.was_gone", { title });
  return true;
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

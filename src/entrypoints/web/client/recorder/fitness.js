/** Why a file can be no take, in words; as early as it can be known, so that nobody waits for an upload in vain. */

import { LIMITS } from "../api/limits.js";
import { clockTime, fileSize, t } from "../base/text.js";
import { fits } from "./decode.js";
import { toldLength } from "./length.js";

/** @import { Take } from "./take.js" */

const OTHER_TYPES = /^(text|image|font)\/|^application\/(pdf|json|xml|zip|gzip|rtf|msword|javascript|vnd\.(ms-|openxmlformats|oasis))/;
const OTHER_NAMES = /\.(txt|md|csv|json|xml|html?|css|js|py|rtf|pdf|docx?|xlsx?|pptx?|od[tsp]|zip|gz|7z|rar|exe|jpe?g|png|gif|webp|svg|heic|midi?)$/i;

/**
 * Return why a file cannot be sent, or "".
 * @param {Blob} recording
 * @param {string} name
 */
export async function whyUnfit(recording, name) {
  const { size } = recording;
  if (size > LIMITS.largest_bytes) return t("take.too_large", { name, size: fileSize(size), most: fileSize(LIMITS.largest_bytes) });
  if (!(await isReadable(recording))) return t("take.unreadable", { name });
  if (!size) return recording instanceof File ? t("take.empty", { name }) : tooShort(); // browsers may return nothing of what is stopped at once
  const seconds = await toldLength(recording);
  return fits(size, seconds) ? "" : whyTooLong(name, seconds ?? 0);
}

/**
 * Return why a take cannot be used, now that its length is known, or "".
 * @param {Take} take
 */
export function whyUnusable({ recording, name, sound, seconds }) {
  if (!sound && !seconds && isOther(recording.type, name)) return t("take.not_sound", { name });
  if ((sound || seconds) && seconds < LIMITS.shortest_seconds) return tooShort();
  return sound ? "" : whyTooLong(name, seconds);
}

const tooShort = () => t("take.too_short", { least: LIMITS.shortest_seconds });

/**
 * @param {string} name
 * @param {number} seconds Of what cannot be cut here.
 */
function whyTooLong(name, seconds) {
  if (seconds <= LIMITS.longest_seconds) return "";
  return t("take.too_long_to_cut", { name, time: clockTime(seconds), most: LIMITS.longest_seconds });
}

/**
 * Return whether a file can be read: a folder cannot, nor what was moved away meanwhile.
 * @param {Blob} recording
 */
async function isReadable(recording) {
  try {
    await recording.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * Return whether a file is surely neither sound nor video: its type says so, or its name where it has no type.
 * @param {string} type As the browser knows it, or "".
 * @param {string} name
 */
function isOther(type, name) {
  return type ? OTHER_TYPES.test(type) || (!/^(audio|video)\//.test(type) && OTHER_NAMES.test(name)) : OTHER_NAMES.test(name);
}

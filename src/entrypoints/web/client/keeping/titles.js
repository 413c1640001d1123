/** What moments and their files are called. */

import { t } from "../base/text.js";
import { keyInWords } from "../roll/names.js";
import { styleName } from "../styles/style_name.js";

/** @import { Status } from "../api/types.js" */
/** @import { Kept } from "../device/moments_text.js" */

/** What no file system takes, or what has a meaning there. */
const UNSAFE = /[\u0000-\u001f"*/:<>?\\|]+/g;
const LONGEST = 100;

/**
 * Return what a moment is called: as its owner does, else after its style and key.
 * @param {Pick<Kept, "name" | "style" | "kind" | "key">} moment
 */
export function titleOf({ name, style, kind, key }) {
  if (name) return name;
  const named = style ? capital(styleName(style)) : t("keep.any_style");
  const title = t(kind === "song" ? "keep.song" : "keep.theme", { style: named });
  return key ? t("keep.in_key", { title, key: keyInWords(key) }) : title;
}

/** @param {string} words */
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * Return what a status says of a moment, as far as the list keeps it.
 * @param {Status} status
 */
export function factsOf({ blueprint_json: blueprint, output_kind: kind, expires_at: expiresAt }) {
  const { style = "", key } = blueprint ?? {};
  return { style, kind, key, expiresAt: expiresAt ?? undefined };
}

/**
 * Return the name that a file is saved under, without its suffix: whose it is, what it is, when it was made.
 * @param {string} title Of the moment.
 * @param {string} label Of the file; "" for the music.
 * @param {string} createdAt RFC 3339.
 */
export function fileName(title, label, createdAt) {
  const made = new Date(createdAt);
  const day = [made.getFullYear(), made.getMonth() + 1, made.getDate()].map((part) => String(part).padStart(2, "0"));
  const ending = [label, day.join("-")].filter(Boolean).join(", ");
  return `${title.slice(0, LONGEST - ending.length)}, ${ending}`.replace(UNSAFE, " ").trim();
}

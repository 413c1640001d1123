/** Codes of what went wrong or is waited for, with what they mean. */

import { h } from "../base/dom.js";

/** What docs/errors.md says, from the page. @type {Record<string, { meaning: string, permanent: boolean }>} */
const CODES = JSON.parse(document.getElementById("codes")?.textContent || "{}");

/**
 * Return whether trying again is pointless: mostly, the recording is to blame. Of a foreign tool's code, nobody knows.
 * @param {string} code
 */
export function isPermanent(code) {
  return Object.hasOwn(CODES, code) && Boolean(CODES[code]?.permanent);
}

/**
 * Return a link to what a code means on this service; a foreign tool's own code has none.
 * @param {string} code
 */
export function codeLink(code) {
  if (!Object.hasOwn(CODES, code)) return h("code", {}, code);
  return h("a", { class: "code", href: `/docs/errors#${encodeURIComponent(code)}` }, h("code", {}, code));
}

/**
 * Return the sentence of a code, or nothing for a foreign one; what stands between backticks is code.
 * @param {string} code
 * @returns {Node[]}
 */
export function meaningOf(code) {
  const parts = (Object.hasOwn(CODES, code) ? (CODES[code]?.meaning ?? "") : "").split("`");
  return parts.map((part, index) => (index % 2 ? h("code", {}, part) : document.createTextNode(part)));
}

/** Short messages at the edge of the page, which screen readers speak. */

import { h } from "./dom.js";

const SHOWN_MS = 8000;

/**
 * Show a message for some seconds.
 * @param {string} message
 */
export function notify(message) {
  const note = h("p", { class: "notice" }, message);
  document.getElementById("notices")?.append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

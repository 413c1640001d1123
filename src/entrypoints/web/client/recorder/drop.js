/** Files: chosen, or dropped anywhere on the page. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/** @typedef {(file: File, count: number) => void} Choose Called with the first of some files. */

/** @param {Choose} choose */
export function fileButton(choose) {
  const input = h("input", { type: "file", accept: "audio/*,video/mp4,video/webm,.m4a,.ogg,.opus,.flac", class: "unseen" });
  input.onchange = () => {
    const file = input.files?.[0];
    input.value = ""; // so that the same file can be chosen again
    if (file) choose(file, 1);
  };
  return h("label", { class: "button chooser" }, t("record.file"), input);
}

/**
 * Take files that are dropped on the page until the signal aborts.
 * @param {Choose} choose
 * @param {AbortSignal} alive
 * @returns {HTMLElement} What is shown over the page while a file is above it.
 */
export function dropTarget(choose, alive) {
  const cover = h("div", { class: "drop", hidden: true, "aria-hidden": true }, h("p", {}, t("record.drop")));
  const over = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // else the browser opens the file instead of the page
    cover.hidden = event.type === "drop";
    const files = event.type === "drop" ? event.dataTransfer.files : [];
    if (files.length) choose(files[0], files.length);
  };
  for (const type of /** @type {const} */ (["dragenter", "dragover", "drop"])) window.addEventListener(type, over, { signal: alive });
  window.addEventListener("dragleave", ({ relatedTarget }) => { if (!relatedTarget) cover.hidden = true; }, { signal: alive });
  return cover;
}

/** One file to save: a link, which has the file made first where it is not there yet. */

import { h } from "../base/dom.js";
import { Signal } from "../base/signal.js";
import { fileSize, t } from "../base/text.js";
import { explain } from "./explain.js";
import { addressOf, signedUrl } from "./requests.js";
import { saveFrom } from "./saving.js";

/** @import { KeepableFile } from "./files.js" */

/**
 * @typedef {object} FileLink
 * @property {HTMLElement} element
 * @property {(file: KeepableFile, saveAs: string) => void} update
 */

/**
 * @param {string} id Of the moment.
 * @param {AbortSignal} alive
 * @param {() => Promise<unknown>} made Called once a format was made.
 * @returns {FileLink}
 */
export function fileLink(id, alive, made) {
  /** @type {{ file: KeepableFile, saveAs: string } | null} */
  let shown = null;
  const state = new Signal("");
  const label = h("strong"), about = h("span", { class: "about" }), size = h("span", { class: "size" });
  const said = h("p", { role: "status", class: "message" });
  const link = h("a", { class: "file" }, label, about, size);
  state.watch((text) => { said.textContent = text; }, alive);
  link.onclick = (event) => {
    if (!shown || event.metaKey || event.ctrlKey || event.shiftKey) return; // a new tab, say, is the browser's affair
    event.preventDefault();
    if (link.getAttribute("aria-busy") !== "true") void save(id, shown, { link, state, made, alive });
  };
  return { element: h("li", {}, link, said), update: (file, saveAs) => {
    shown = { file, saveAs };
    show(file, { label, about, size });
    link.href = addressOf(id, { ...file.wish, saveAs });
  } };
}

/**
 * @param {KeepableFile} file
 * @param {{ label: HTMLElement, about: HTMLElement, size: HTMLElement }} parts
 */
function show(file, { label, about, size }) {
  label.textContent = file.suffix ? t("files.with_suffix", { label: t(file.label), suffix: file.suffix }) : t(file.label);
  about.textContent = t(file.about);
  size.textContent = file.there ? fileSize(file.bytes ?? 0) : t("files.on_request");
}

/**
 * @param {string} id
 * @param {{ file: KeepableFile, saveAs: string }} shown
 * @param {{ link: HTMLElement, state: Signal<string>, made: () => Promise<unknown>, alive: AbortSignal }} parts
 */
async function save(id, { file, saveAs }, { link, state, made, alive }) {
  link.setAttribute("aria-busy", "true");
  state.value = file.there ? "" : t("files.being_made", { label: t(file.label) });
  try {
    saveFrom(await signedUrl(id, { ...file.wish, saveAs }, alive));
    state.value = file.there ? "" : t("files.made", { label: t(file.label) });
    if (!file.there) await made();
  } catch (error) {
    if (!alive.aborted) state.value = explain(error);
  } finally {
    link.removeAttribute("aria-busy");
  }
}

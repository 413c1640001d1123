/** Which view is shown: the part of the address behind `#`, such as `#/moments/{id}`. */

import { h, replace } from "./dom.js";
import { t } from "./text.js";
import { unloaded } from "./unloaded.js";

/**
 * Builds a view.
 * @callback View
 * @param {string} name What the address names, such as an id; or "".
 * @param {AbortSignal} alive Aborts when the view is left: whatever runs for it ends then.
 * @returns {Node | Promise<Node>}
 */

/** @type {AbortController | null} */
let shown = null;

/**
 * Show the view that the address names, now and whenever it changes.
 * @param {Record<string, View>} views By the first part of the address; "" is the first view.
 */
export function route(views) {
  const show = () => void display(views);
  window.addEventListener("hashchange", show);
  document.querySelector(".skip")?.addEventListener("click", skip);
  show();
}

/**
 * Go to another view.
 * @param {string} address Such as `/moments/{id}`.
 */
export function go(address) {
  location.hash = address;
}

/** Go to the content; the link's own address would name another view. @param {Event} event */
function skip(event) {
  event.preventDefault();
  focusContent();
}

function focusContent() {
  document.getElementById("main")?.focus();
}

/** @param {Record<string, View>} views */
async function display(views) {
  const first = shown === null;
  shown?.abort();
  const leaving = (shown = new AbortController());
  const built = await buildView(views, leaving.signal);
  if (leaving.signal.aborted) return;
  const place = /** @type {Element} */ (document.getElementById("view"));
  replace(place, built);
  window.scrollTo(0, 0);
  if (!first) focusContent(); // screen readers read on from there
}

/**
 * @param {Record<string, View>} views
 * @param {AbortSignal} alive
 * @returns {Promise<Node>}
 */
async function buildView(views, alive) {
  const [, kind = "", name = ""] = location.hash.split("/");
  if (!Object.hasOwn(views, kind)) return h("h1", {}, t("error.unknown"));
  try {
    return await views[kind](decoded(name), alive);
  } catch (error) {
    reportError(error);
    return unloaded();
  }
}

/** @param {string} name As it stands in an address, perhaps cut in the middle of a letter. */
function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

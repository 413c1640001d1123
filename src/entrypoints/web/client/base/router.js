/** Which view is shown: the part of the address behind `#`, such as `#/moments/{id}`. */

import { h, replace } from "./dom.js";
import { t } from "./text.js";

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
  show();
}

/**
 * Go to another view.
 * @param {string} address Such as `/moments/{id}`.
 */
export function go(address) {
  location.hash = address;
}

/** @param {Record<string, View>} views */
async function display(views) {
  const first = shown === null;
  shown?.abort();
  const leaving = (shown = new AbortController());
  const [, kind = "", name = ""] = location.hash.split("/");
  const view = Object.hasOwn(views, kind) ? views[kind] : null;
  const built = view ? await view(decoded(name), leaving.signal) : h("h1", {}, t("error.unknown"));
  if (leaving.signal.aborted) return;
  const place = /** @type {Element} */ (document.getElementById("view"));
  replace(place, built);
  window.scrollTo(0, 0);
  if (!first) /** @type {HTMLElement | null} */ (document.getElementById("main"))?.focus(); // screen readers read on from there
}

/**
 * Return what a part of an address means; one that somebody typed may mean nothing.
 * @param {string} part
 */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

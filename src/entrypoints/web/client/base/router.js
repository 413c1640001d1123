/** Which view is shown: the part of the address behind `#`, such as `#/moments/{id}`. */

import { replace } from "./dom.js";
import { nowhere } from "./nowhere.js";
import { t } from "./text.js";
import { unloaded } from "./unloaded.js";

/**
 * Builds a view.
 * @callback View
 * @param {string} name What the address names, such as an id; or "".
 * @param {AbortSignal} alive Aborts when the view is left: whatever runs for it ends then.
 * @returns {Node | Promise<Node>}
 */

/** @import { Way } from "./nowhere.js" */

const LONGEST_SHOWN = 60;

/** @type {AbortController | null} */
let shown = null;

/**
 * Show the view that the address names, now and whenever it changes.
 * @param {Record<string, View>} views By the first part of the address; "" is the first view.
 * @param {Way[]} ways Where somebody may want to go whose address names none.
 */
export function route(views, ways) {
  const show = () => void display(views, ways);
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

/**
 * @param {Record<string, View>} views
 * @param {Way[]} ways
 */
async function display(views, ways) {
  const first = shown === null;
  shown?.abort();
  const leaving = (shown = new AbortController());
  const built = await buildView(views, ways, leaving.signal);
  if (leaving.signal.aborted) return;
  const place = /** @type {Element} */ (document.getElementById("view"));
  replace(place, built);
  window.scrollTo(0, 0);
  if (!first) focusContent(); // screen readers read on from there
}

/**
 * @param {Record<string, View>} views
 * @param {Way[]} ways
 * @param {AbortSignal} alive
 * @returns {Promise<Node>}
 */
async function buildView(views, ways, alive) {
  const [, kind = "", name = ""] = location.hash.split("/");
  if (!Object.hasOwn(views, kind)) return unknown(ways, alive);
  try {
    return await views[kind](decoded(name), alive);
  } catch (error) {
    reportError(error);
    return unloaded();
  }
}

/**
 * @param {Way[]} ways
 * @param {AbortSignal} alive
 */
function unknown(ways, alive) {
  const before = document.title;
  document.title = `${t("error.unknown")} · ${before}`;
  alive.addEventListener("abort", () => { document.title = before; }, { once: true });
  return nowhere(t("error.unknown"), t("error.unknown_why", { address: decoded(location.hash).slice(0, LONGEST_SHOWN) }), ways);
}

/** @param {string} name As it stands in an address, perhaps cut in the middle of a letter. */
function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

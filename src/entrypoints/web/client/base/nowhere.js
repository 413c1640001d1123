/** What is shown where there is nothing: what is wrong, and where to go from here. */

import { h } from "./dom.js";

/** @import { Child } from "./dom.js" */

/** @typedef {{ href: string, text: string }} Way */

/**
 * @param {Child} title
 * @param {string} why
 * @param {Way[]} ways The likeliest first.
 */
export function nowhere(title, why, ways) {
  const links = ways.map(({ href, text }, index) => h("a", { class: index ? "button" : "button primary", href }, text));
  return h("section", { class: "gone" }, h("h1", {}, title), h("p", { class: "lead" }, why), h("p", { class: "actions" }, links));
}

/** Saving files on the device. */

import { h } from "../base/dom.js";

/**
 * Let the browser save what a URL leads to; the name comes with the file.
 * @param {string} url
 */
export function saveFrom(url) {
  click(h("a", { href: url, download: true })); // `download`: an answer that is no file does not replace the page
}

/**
 * Let the browser save a text.
 * @param {string} text
 * @param {string} name Of the file.
 * @param {string} type
 */
export function saveText(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  click(h("a", { href: url, download: name }));
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // some browsers read it after the click
}

/** @param {HTMLAnchorElement} link */
function click(link) {
  link.hidden = true;
  document.body.append(link); // Firefox follows no link outside of the page
  link.click();
  link.remove();
}

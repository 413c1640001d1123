/** Texts that this browser keeps for the page, as long as it lets us; else they last as long as the page. */

import { Signal } from "../base/signal.js";

/** @typedef {"" | "refused" | "full"} Trouble Why nothing can be kept here. */

/** What could not be kept. @type {Map<string, string>} */
const unkept = new Map();

/** @type {Signal<Trouble>} */
export const storageTrouble = new Signal(/** @type {Trouble} */ (""));

/**
 * Return a text, or null.
 * @param {string} name
 */
export function readText(name) {
  return unkept.get(name) ?? readKept(name);
}

/**
 * Keep a text; return whether it outlasts the page.
 * @param {string} name
 * @param {string} text
 */
export function keepText(name, text) {
  try {
    localStorage.setItem(name, text);
    unkept.delete(name);
    storageTrouble.value = unkept.size ? storageTrouble.value : "";
    return true;
  } catch (error) {
    unkept.set(name, text);
    storageTrouble.value = error instanceof DOMException && error.name === "QuotaExceededError" ? "full" : "refused";
    return false;
  }
}

/**
 * Forget a text.
 * @param {string} name
 */
export function forgetText(name) {
  unkept.delete(name);
  try {
    localStorage.removeItem(name);
  } catch {
    // Where nothing is kept, there is nothing to forget.
  }
}

/** @param {string} name */
function readKept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    storageTrouble.value = "refused"; // a private window, or cookies and the like are blocked
    return null;
  }
}

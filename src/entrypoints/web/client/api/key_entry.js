/** Asks for the key of a service that requires one, and tries again what was refused without it. */

import { key } from "./key.js";

const CODES = ["key_missing", "key_invalid"];

/** @type {Promise<boolean> | null} */
let asking = null;
let declined = false;

/**
 * Return whether an error says that a key is needed, or another one.
 * @param {any} error
 * @returns {boolean}
 */
export function wantsKey(error) {
  return error?.status === 401 && CODES.includes(error.code);
}

/**
 * Do something that may need a key: where it is refused, ask for one and do it again.
 *
 * Who has declined is not asked again by what the page does on its own.
 * @template T
 * @param {() => Promise<T>} attempt
 * @param {{ insists?: boolean }} [options] Whether somebody has just asked for it.
 * @returns {Promise<T>}
 * @throws What the attempt throws, once no other key is to be had.
 */
export async function withKey(attempt, { insists = false } = {}) {
  for (;;) {
    const tried = key();
    try {
      return await attempt();
    } catch (error) {
      if (!wantsKey(error)) throw error;
      const another = key() !== tried; // meanwhile, from another request or tab
      if (!another && ((declined && !insists) || !(await askForKey(tried !== "")))) throw error;
    }
  }
}

/**
 * Ask for a key, once for all who wait; return whether one was entered.
 * @param {boolean} refused Whether the present one was refused.
 */
export function askForKey(refused) {
  asking ??= import("./key_dialog.js")
    .then(({ keyDialog }) => keyDialog(refused))
    .then((entered) => { declined = !entered; return entered; })
    .finally(() => { asking = null; });
  return asking;
}

/** Loads a file of a moment as samples, in the first of its forms that this browser can decode. */

import { decodeSound } from "./decode_sound.js";
import { fetchSound } from "./fetch_sound.js";
import { formsOf } from "./forms.js";

/** @import { Signal } from "../base/signal.js" */
/** @import { Moment } from "../moments/moment.js" */

/**
 * @param {Moment} moment
 * @param {string} name Of the artifact.
 * @param {Signal<number>} part Becomes how much of it is here, 0–1.
 * @param {AbortSignal} alive
 * @param {boolean} [mono] Whether one side is enough.
 * @returns {Promise<AudioBuffer>}
 * @throws {import("./fetch_sound.js").Unreadable | import("./decode_sound.js").Undecodable}
 */
export async function loadSound(moment, name, part, alive, mono = false) {
  let failure;
  for await (const form of formsOf(moment, name, alive)) {
    const bytes = await fetchSound(moment, form, (done) => { part.value = done; }, alive);
    try {
      return await decodeSound(bytes, { mono });
    } catch (error) {
      failure = error; // another form may do
    }
  }
  throw failure;
}

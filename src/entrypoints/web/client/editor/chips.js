/** Choices of one tap: small buttons, of which the one that is chosen is pressed. */

import { h } from "../base/dom.js";

/** @import { Signal } from "../base/signal.js" */
/** @typedef {{ value: string, text: string, label?: string }} Chip */

/**
 * @param {string} label Of all of them.
 * @param {Chip[]} chips
 * @param {Signal<string>} chosen
 * @param {AbortSignal} alive
 * @param {() => void} [picked] Called when somebody chooses, also what is chosen already.
 */
export function chipsOf(label, chips, chosen, alive, picked = () => {}) {
  const buttons = chips.map(({ value, text, label: name }) => {
    const button = h("button", { type: "button", class: "chip", "aria-label": name, onclick: () => { chosen.value = value; picked(); } }, text);
    chosen.watch((now) => button.setAttribute("aria-pressed", String(now === value)), alive);
    return button;
  });
  return h("div", { class: "chips", role: "group", "aria-label": label }, buttons);
}

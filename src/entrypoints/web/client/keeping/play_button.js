/** Playing one moment of a list. */

import { h, replace } from "../base/dom.js";
import { clockTime, t } from "../base/text.js";
import { playIcon } from "../player/play_icon.js";

/** @import { Signal } from "../base/signal.js" */
/** @import { ListPlayer } from "./list_player.js" */
/** @import { Found } from "./lookups.js" */

/**
 * Return the button, and the position, which shows itself once the moment was played.
 * @param {string} id
 * @param {() => string} title
 * @param {{ found: Signal<Found>, player: ListPlayer, alive: AbortSignal }} parts
 */
export function playButton(id, title, { found, player, alive }) {
  const button = h("button", { type: "button", class: "play" });
  button.onclick = () => player.toggle(id, found.value.status?.final_audio_url ?? "");
  found.watch(({ status }) => { button.disabled = !status?.final_audio_url; }, alive);
  const show = () => {
    const plays = player.playing.value === id;
    button.setAttribute("aria-label", t(plays ? "mine.pause" : "mine.play", { title: title() }));
    replace(button, playIcon(plays));
  };
  player.playing.watch(show, alive);
  return { button, position: position(id, player, alive), show };
}

/**
 * @param {string} id
 * @param {ListPlayer} player
 * @param {AbortSignal} alive
 */
function position(id, player, alive) {
  const slider = h("input", { type: "range", min: 0, step: 0.1, "aria-label": t("mine.position") });
  const clock = h("span", { class: "clock" });
  const element = h("div", { class: "heard-so-far", hidden: true }, slider, clock);
  slider.oninput = () => player.seek(Number(slider.value));
  const show = () => {
    if (player.chosen.value !== id) return;
    slider.max = String(player.length.value);
    slider.value = String(player.time.value);
    clock.textContent = `${clockTime(player.time.value)} / ${clockTime(player.length.value)}`;
    slider.setAttribute("aria-valuetext", clock.textContent);
  };
  player.chosen.watch((chosen) => { element.hidden = chosen !== id; show(); }, alive);
  player.time.watch(show, alive);
  player.length.watch(show, alive);
  return element;
}

/** Only one thing sounds on the page: whoever starts stops the others, players of the browser included. */

/** @typedef {{ pause: () => void }} Sounding */

/** @type {Sounding | null} */
let sounding = null;

/**
 * Stop what sounds, but for this.
 * @param {Sounding} starting
 */
export function claimSound(starting) {
  const before = sounding;
  sounding = starting;
  if (before && before !== starting) before.pause();
  for (const player of document.querySelectorAll("audio, video")) {
    if (player instanceof HTMLMediaElement && !player.paused && !("background" in player.dataset)) player.pause();
  }
}

/** Stop what sounds. */
export function silence() {
  claimSound({ pause: () => {} });
}

/**
 * Take the place of what sounds without stopping it: the caller does, to the sample.
 * @param {Sounding} next
 */
export function passSound(next) {
  sounding = next;
}

/** @param {Sounding} stopped */
export function releaseSound(stopped) {
  if (sounding === stopped) sounding = null;
}

document.addEventListener("play", ({ target }) => {
  if (target instanceof HTMLElement && !("background" in target.dataset)) sounding?.pause();
}, true);

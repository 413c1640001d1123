/** The sign on a button that plays and pauses. */

import { svg } from "../base/dom.js";

const PLAY = "M8 5v14l11-7z";
const PAUSE = "M7 5h4v14H7zM13 5h4v14h-4z";

/** @param {boolean} plays Whether it plays now: then the button pauses. */
export function playIcon(plays) {
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: plays ? PAUSE : PLAY }));
}

/** A movement from 0 to 1, for what appears bit by bit. */

const SLOWER_AT_THE_END = 3;

/**
 * Call a function at each frame with how far the movement is, at last with 1; who wants less motion sees the end at once.
 * @param {number} milliseconds
 * @param {(part: number) => void} show
 * @param {AbortSignal} alive
 */
export function sweep(milliseconds, show, alive) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return show(1);
  const begun = performance.now();
  /** @param {number} now */
  const step = (now) => {
    if (alive.aborted) return;
    const part = Math.min(1, Math.max(0, (now - begun) / milliseconds));
    show(1 - (1 - part) ** SLOWER_AT_THE_END);
    if (part < 1) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

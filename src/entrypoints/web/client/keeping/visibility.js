/** Which elements are on the screen. */

import { Signal } from "../base/signal.js";

/**
 * Return a function that tells of an element whether it is, or is about to be, on the screen.
 * @param {AbortSignal} alive
 * @returns {(element: Element) => Signal<boolean>}
 */
export function visibility(alive) {
  /** @type {WeakMap<Element, Signal<boolean>>} */
  const watched = new WeakMap();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const seen = watched.get(target);
      if (seen) seen.value = isIntersecting;
    }
  }, { rootMargin: "100px" });
  alive.addEventListener("abort", () => observer.disconnect(), { once: true });
  return (element) => {
    const seen = watched.get(element) ?? new Signal(false);
    watched.set(element, seen);
    observer.observe(element);
    return seen;
  };
}

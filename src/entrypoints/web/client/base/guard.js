/** Asking before the page is closed: the browser does, in its own words. */

/** @import { Signal } from "./signal.js" */

/**
 * Have the browser ask while something would be lost, until the signal aborts.
 *
 * A listener that is always there would keep pages from being shown again at once when somebody goes back.
 * @param {Signal<boolean>} risk
 * @param {AbortSignal} alive
 */
export function guardPage(risk, alive) {
  const hold = (/** @type {BeforeUnloadEvent} */ event) => { // one for each risk: the end of one is not that of others
    event.preventDefault();
    event.returnValue = true; // what browsers of before 2023 go by
  };
  const allow = () => window.removeEventListener("beforeunload", hold);
  risk.watch((risky) => { if (risky) window.addEventListener("beforeunload", hold); else allow(); }, alive);
  alive.addEventListener("abort", allow, { once: true });
}

/** The moments that were made with this browser; nobody else has a list of them. */

/**
 * @typedef {object} Kept
 * @property {string} id Of the job.
 * @property {string} createdAt RFC 3339.
 * @property {string} style
 * @property {string} [parentId] The moment of which it is a remix.
 */

const KEPT_AS = "moment.mine";
const MOST = 200;

/**
 * Return them, newest first.
 * @returns {Kept[]}
 */
export function keptMoments() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.id === "string") : [];
  } catch {
    return [];
  }
}

/**
 * Add one, or change what is known of it.
 * @param {Kept} moment
 */
export function keepMoment(moment) {
  const others = keptMoments().filter(({ id }) => id !== moment.id);
  store([moment, ...others].slice(0, MOST));
}

/**
 * Forget one.
 * @param {string} id
 */
export function forgetMoment(id) {
  store(keptMoments().filter((one) => one.id !== id));
}

/**
 * Call a function when another tab changes the list.
 * @param {() => void} changed
 * @param {AbortSignal} alive
 */
export function watchMoments(changed, alive) {
  window.addEventListener("storage", ({ key }) => { if (key === KEPT_AS) changed(); }, { signal: alive });
}

/** @param {Kept[]} moments */
function store(moments) {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(moments));
  } catch {
    // A private window may refuse: then the list lasts as long as the page.
  }
}

/** What the service takes, as it tells its pages. */

/** @typedef {{ shortest_seconds: number, longest_seconds: number }} Limits Of a recording. */

/** @type {Limits} */
export const LIMITS = JSON.parse(document.getElementById("limits")?.textContent ?? "");

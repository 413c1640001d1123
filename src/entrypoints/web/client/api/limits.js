/** What the service takes, as it tells its pages. */

/**
 * @typedef {{ shortest_seconds: number, longest_seconds: number, largest_bytes: number }} Limits Of a recording; more
 *   bytes are not even stored.
 */

/** @type {Limits} */
export const LIMITS = JSON.parse(document.getElementById("limits")?.textContent ?? "");

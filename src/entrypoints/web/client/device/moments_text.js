/** The list of moments as a text: what this browser keeps, and what a file of it has. */

/**
 * What is known of a moment without asking for it.
 * @typedef {object} Kept
 * @property {string} id Of the job.
 * @property {string} createdAt RFC 3339.
 * @property {string} style "" where it was left to the service.
 * @property {string} [parentId] The moment of which it is a remix.
 * @property {string} [name] What its owner calls it.
 * @property {string} [kind] `preview` or `song`.
 * @property {string} [key] Such as `Dm`.
 * @property {string} [expiresAt] RFC 3339: when it is removed.
 * @property {string} [link] Of its share page.
 */

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LONGEST = 200;
/** @type {("name" | "kind" | "key")[]} */
const WORDS = ["name", "kind", "key"];

/**
 * Return the moments that a text lists, and whether something in it was not understood.
 * @param {string | null} text Null and "" are an empty list.
 * @returns {{ moments: Kept[], damaged: boolean }}
 */
export function readList(text) {
  if (!text) return { moments: [], damaged: false };
  const found = parsed(text);
  if (!Array.isArray(found)) return { moments: [], damaged: true };
  const moments = found.map(readOne).filter((one) => one !== null);
  return { moments, damaged: moments.length < found.length };
}

/**
 * Return the moments as a text that `readList` reads.
 * @param {readonly Kept[]} moments
 */
export function writeList(moments) {
  return JSON.stringify(moments);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {any} one
 * @returns {Kept | null}
 */
function readOne(one) {
  if (!isId(one?.id)) return null;
  const words = WORDS.filter((name) => isWord(one[name])).map((name) => [name, one[name]]);
  return {
    id: one.id,
    createdAt: isTime(one.createdAt) ? one.createdAt : new Date(0).toISOString(),
    style: isWord(one.style) ? one.style : "",
    ...(isId(one.parentId) && one.parentId !== one.id ? { parentId: one.parentId } : {}),
    ...(isTime(one.expiresAt) ? { expiresAt: one.expiresAt } : {}),
    ...(isWord(one.link) && /^https?:/.test(one.link) ? { link: one.link } : {}),
    ...Object.fromEntries(words),
  };
}

/** @param {unknown} value */
const isId = (value) => typeof value === "string" && ID.test(value);

/** @param {unknown} value */
const isWord = (value) => typeof value === "string" && value !== "" && value.length <= LONGEST;

/** @param {unknown} value */
const isTime = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));

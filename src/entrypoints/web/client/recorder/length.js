/** How long a recording is, as the browser's own player reads in its header: without decoding it. */

const SMALL_BYTES = 1_000_000; // a quarter of an hour at most, even of speech in the smallest form: not worth a look
const PATIENCE_MS = 2000; // some phones read nothing before somebody has touched the page

/** @type {WeakMap<Blob, Promise<number | null>>} */
const read = new WeakMap();

/**
 * Return the length of a recording in seconds; null where its file is small or does not tell, or where this browser
 * cannot read it.
 * @param {Blob} recording
 */
export function toldLength(recording) {
  const known = read.get(recording) ?? (recording.size > SMALL_BYTES ? readLength(recording) : Promise.resolve(null));
  read.set(recording, known);
  return known;
}

/**
 * @param {Blob} recording
 * @returns {Promise<number | null>}
 */
async function readLength(recording) {
  const audio = new Audio();
  const url = URL.createObjectURL(recording);
  audio.preload = "metadata";
  try {
    return await new Promise((tell) => {
      setTimeout(tell, PATIENCE_MS, null);
      audio.onerror = () => tell(null);
      audio.onloadedmetadata = () => tell(Number.isFinite(audio.duration) ? audio.duration : null);
      audio.src = url;
    });
  } finally {
    audio.removeAttribute("src");
    audio.load(); // it lets go of the file
    URL.revokeObjectURL(url);
  }
}

/** What the microphone hears as a file: Opus where the browser can, AAC in Safari. */

const KINDS = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg;codecs=opus"];
/** @type {Record<string, string>} */
const ENDINGS = { "audio/webm": "webm", "audio/mp4": "m4a", "audio/ogg": "ogg" };
const BITS_PER_SECOND = 128_000;
const PIECE_MS = 1000;

/**
 * Start to record a stream; return a function that ends it and returns the file.
 * @param {MediaStream} stream
 * @param {() => void} broken Called when the browser stops by itself.
 * @returns {() => Promise<{ recording: Blob, name: string }>}
 */
export function startTape(stream, broken) {
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
  /** @type {Blob[]} */
  const pieces = [];
  recorder.ondataavailable = ({ data }) => { if (data.size) pieces.push(data); };
  recorder.onerror = broken;
  const ended = new Promise((done) => { recorder.onstop = () => { broken(); done(undefined); }; });
  recorder.start(PIECE_MS);
  return async () => {
    if (recorder.state !== "inactive") recorder.stop();
    await ended;
    return fileOf(pieces, recorder.mimeType || mimeType || "audio/webm");
  };
}

/**
 * @param {Blob[]} pieces
 * @param {string} mimeType
 */
function fileOf(pieces, mimeType) {
  const type = mimeType.split(";")[0];
  return { recording: new Blob(pieces, { type }), name: `hum.${ENDINGS[type] ?? "webm"}` };
}

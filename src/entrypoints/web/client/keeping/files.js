/** Which files a moment has, or can have, for its owner to save. */

/** @import { Artifact, Status } from "../api/types.js" */
/** @import { TextName } from "../base/text.js" */
/** @import { FileWish } from "./requests.js" */

/**
 * @typedef {object} KeepableFile
 * @property {string} name Unique among them.
 * @property {TextName} label
 * @property {TextName} about What it is good for.
 * @property {string} suffix Such as `FLAC`; "" where that says nothing.
 * @property {FileWish} wish
 * @property {number | null} bytes Null until it is made.
 * @property {boolean} there
 */

/** @typedef {{ title: TextName, files: KeepableFile[] }} FileGroup */

/** The formats of the music, the most useful first, and the media types by which they are recognised. */
const CODECS = /** @type {const} */ ([
  ["mp3", "audio/mpeg"], ["wav", "audio/wav"], ["flac", "audio/flac"], ["m4a", "audio/mp4"], ["opus", "audio/ogg"],
]);
const SCORE = /** @type {const} */ (["melody", "lead_sheet"]);
const STEMS = /** @type {const} */ (
  ["vocals", "instrumental", "part_lead", "part_chords", "part_bass", "part_drums", "part_other"]);
const PICTURES = /** @type {const} */ (["picture_melody", "picture_waveform"]);
const RECORDING = /** @type {const} */ (["original"]);
/** @type {Record<string, string>} */
const SUFFIXES = { "audio/flac": "FLAC", "audio/ogg": "Opus", "audio/mp4": "M4A", "audio/mpeg": "MP3", "audio/wav": "WAV" };

/**
 * Return the files of a moment by what they are; groups without any are left out.
 * @param {Status} status
 * @returns {FileGroup[]}
 */
export function filesOf(status) {
  const there = new Map(status.artifacts_detail.map((file) => [file.name, file]));
  const music = there.has("final") ? CODECS.map(([codec, type]) => inFormat(there, codec, type)) : [];
  /** @type {FileGroup[]} */
  const groups = [
    { title: "files.music", files: music },
    { title: "files.score", files: named(there, SCORE) },
    { title: "files.stems", files: named(there, STEMS) },
    { title: "files.pictures", files: named(there, PICTURES) },
    { title: "files.recording", files: named(there, RECORDING) },
  ];
  return groups.filter(({ files }) => files.length);
}

/**
 * @param {ReadonlyMap<string, Artifact>} there
 * @param {typeof CODECS[number][0]} codec
 * @param {string} type
 * @returns {KeepableFile}
 */
function inFormat(there, codec, type) {
  const own = there.get("final")?.content_type === type;
  const made = own ? there.get("final") : [...there.values()].find(({ name }) => name.startsWith(`final_${codec}_`));
  const wish = own ? { artifact: "final" } : { format: codec };
  const about = /** @type {const} */ (`files.${codec}_about`);
  return { name: codec, label: `files.${codec}`, about, suffix: "", wish, bytes: made?.bytes ?? null, there: !!made };
}

/**
 * @param {ReadonlyMap<string, Artifact>} there
 * @param {readonly (typeof SCORE | typeof STEMS | typeof PICTURES | typeof RECORDING)[number][]} names
 * @returns {KeepableFile[]}
 */
function named(there, names) {
  return names.flatMap((name) => {
    const file = there.get(name);
    if (!file) return [];
    const suffix = SUFFIXES[file.content_type] ?? "";
    return [{ name, label: `files.${name}`, about: `files.${name}_about`, suffix, wish: { artifact: name }, bytes: file.bytes, there: true }];
  });
}

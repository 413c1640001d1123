/** Server-Sent Events of a job, read with `fetch`: an EventSource cannot send a key. */

import { leaving, stallWatch } from "../base/waiting.js";
import { jobPath, problemOf } from "./client.js";
import { keyHeaders } from "./key.js";

/** @typedef {{ id: string, kind: string, data: any }} JobEvent */

/** The kind of what is no event of the job: `data` is for how many milliseconds to wait before the next stream. */
export const RETRY = "retry";

const SILENCE_MS = 45_000; // the service sends something every 15 s

/**
 * Yield the events of a job until its stream ends; the caller connects again where the job goes on.
 * @param {string} id
 * @param {string} after The id of the last event that is known, or "".
 * @param {AbortSignal} alive
 * @returns {AsyncGenerator<JobEvent, void>}
 * @throws {import("./client.js").Problem} It was refused.
 * @throws {Error} The connection broke, was silent for too long, or the signal aborted.
 */
export async function* eventsOf(id, after, alive) {
  const cut = leaving(alive);
  const watch = stallWatch(SILENCE_MS, () => cut.abort(new Error("silence")));
  try {
    const headers = { Accept: "text/event-stream", ...keyHeaders(), ...(after ? { "Last-Event-ID": after } : {}) };
    const answer = await fetch(`${jobPath(id)}/events`, { headers, signal: cut.signal });
    if (!answer.ok) throw await problemOf(answer);
    if (answer.body && answer.status !== 204) yield* read(answer.body.getReader(), watch.moved);
  } finally {
    watch.end();
    cut.abort(); // whoever stops reading closes the stream
  }
}

/**
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {() => void} fed Called with every piece.
 */
async function* read(reader, fed) {
  const decoder = new TextDecoder();
  for (let text = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    fed();
    const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = blocks.pop() ?? "";
    for (const event of blocks.map(eventFrom)) if (event) yield event;
  }
}

/**
 * Return the event of some lines, or null for comments and what cannot be read.
 * @param {string} block
 * @returns {JobEvent | null}
 */
function eventFrom(block) {
  const fields = new Map(block.split("\n").map((line) => splitOnce(line)));
  const [data, retry] = [fields.get("data"), fields.get("retry")];
  if (data === undefined) return retry ? { id: "", kind: RETRY, data: Number(retry) } : null;
  try {
    return { id: fields.get("id") ?? "", kind: fields.get("event") ?? "message", data: JSON.parse(data) };
  } catch {
    return null;
  }
}

/**
 * @param {string} line
 * @returns {[string, string]}
 */
function splitOnce(line) {
  const at = line.indexOf(":");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).trimStart()];
}

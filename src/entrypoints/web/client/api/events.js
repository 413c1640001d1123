/** Server-Sent Events of a job, read with `fetch`: an EventSource cannot send a key. */

import { problemOf } from "./client.js";
import { keyHeaders } from "./key.js";

/** @typedef {{ id: string, kind: string, data: any }} JobEvent */

/**
 * Yield the events of a job until its stream ends; the caller connects again where the job goes on.
 * @param {string} id
 * @param {string} after The id of the last event that is known, or "".
 * @param {AbortSignal} alive
 * @returns {AsyncGenerator<JobEvent, void>}
 * @throws {import("./client.js").Problem}
 */
export async function* eventsOf(id, after, alive) {
  const headers = { Accept: "text/event-stream", ...keyHeaders(), ...(after ? { "Last-Event-ID": after } : {}) };
  const answer = await fetch(`/v1/jobs/${encodeURIComponent(id)}/events`, { headers, signal: alive });
  if (!answer.ok) throw await problemOf(answer);
  if (!answer.body || answer.status === 204) return;
  for await (const block of blocksOf(answer.body.getReader())) {
    const event = eventFrom(block);
    if (event) yield event;
  }
}

/**
 * Yield the texts between empty lines.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 */
async function* blocksOf(reader) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = blocks.pop() ?? "";
    yield* blocks;
  }
}

/**
 * Return the event of some lines, or null for comments and waiting times.
 * @param {string} block
 * @returns {JobEvent | null}
 */
export function eventFrom(block) {
  const fields = new Map(block.split("\n").map((line) => splitOnce(line)));
  const data = fields.get("data");
  return data === undefined ? null : { id: fields.get("id") ?? "", kind: fields.get("event") ?? "message", data: JSON.parse(data) };
}

/**
 * @param {string} line
 * @returns {[string, string]}
 */
function splitOnce(line) {
  const at = line.indexOf(":");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).trimStart()];
}

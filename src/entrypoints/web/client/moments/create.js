/** Sending a hum, with its progress. */

import { again } from "../api/again.js";
import { Problem, problemFrom } from "../api/client.js";
import { keyHeaders } from "../api/key.js";
import { withKey } from "../api/key_entry.js";
import { t } from "../base/text.js";
import { stallWatch } from "../base/waiting.js";

/** @import { Accepted, Blueprint } from "../api/types.js" */

/**
 * @typedef {object} Hum
 * @property {Blob} recording
 * @property {string} name Of its file.
 * @property {Blueprint} blueprint What is not left to the service.
 * @property {"preview" | "song"} outputKind
 * @property {string} idempotencyKey Random; the same when the same hum is sent again.
 */

const STALLED_MS = 30_000;
const TRIES = 6;

/**
 * Send a hum; return what was accepted.
 *
 * While another request with the same key is being carried out, such as one that got no answer, it is sent again.
 * @param {Hum} hum
 * @param {(sent: number) => void} onSent Called with the part that was sent, 0–1.
 * @param {AbortSignal} alive
 * @returns {Promise<Accepted>}
 * @throws {Problem} What was refused, or got no answer; an AbortError, if the signal aborts.
 */
export function createMoment(hum, onSent, alive) {
  const attempt = () => withKey(() => sendOnce(hum, onSent, alive), { insists: true });
  return again(attempt, "idempotency_key_in_use", TRIES, alive);
}

/**
 * @param {Hum} hum
 * @param {(sent: number) => void} onSent
 * @param {AbortSignal} alive
 * @returns {Promise<Accepted>}
 */
function sendOnce(hum, onSent, alive) {
  const sending = new XMLHttpRequest(); // fetch tells no progress of an upload
  sending.open("POST", "/v1/create-moment");
  const headers = { ...keyHeaders(), "Idempotency-Key": hum.idempotencyKey };
  for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
  return new Promise((accept, refuse) => {
    const watch = stallWatch(STALLED_MS, () => { refuse(new Problem(t("error.offline"))); sending.abort(); });
    sending.upload.onprogress = ({ loaded, total }) => { watch.moved(); onSent(total ? loaded / total : 0); };
    sending.onload = () => answered(sending, accept, refuse);
    sending.onerror = sending.onabort = () => refuse(alive.aborted ? alive.reason : new Problem(t("error.offline")));
    sending.onloadend = watch.end;
    if (alive.aborted) return refuse(alive.reason);
    alive.addEventListener("abort", () => sending.abort(), { once: true });
    sending.send(formOf(hum));
  });
}

/** @param {Hum} hum */
function formOf({ recording, name, blueprint, outputKind }) {
  const form = new FormData();
  form.append("file", recording, name);
  form.append("blueprint_json", JSON.stringify(blueprint));
  form.append("output_kind", outputKind);
  return form;
}

/**
 * @param {XMLHttpRequest} sent
 * @param {(accepted: Accepted) => void} accept
 * @param {(problem: Problem) => void} refuse
 */
function answered(sent, accept, refuse) {
  if (sent.status === 202) accept(JSON.parse(sent.responseText));
  else refuse(problemFrom(sent.status, sent.responseText, sent.getResponseHeader("Retry-After")));
}

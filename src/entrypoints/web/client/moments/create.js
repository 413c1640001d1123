/** Sending a hum, with its progress. */

import { Problem, problemFrom } from "../api/client.js";
import { keyHeaders } from "../api/key.js";
import { t } from "../base/text.js";

/** @import { Accepted, Blueprint } from "../api/types.js" */

/**
 * @typedef {object} Hum
 * @property {Blob} recording
 * @property {string} name Of its file.
 * @property {Blueprint} blueprint What is not left to the service.
 * @property {"preview" | "song"} outputKind
 * @property {string} idempotencyKey Random; the same when the same hum is sent again.
 */

/**
 * Send a hum; return what was accepted.
 * @param {Hum} hum
 * @param {(sent: number) => void} onSent Called with the part that was sent, 0–1.
 * @param {AbortSignal} alive
 * @returns {Promise<Accepted>}
 * @throws {Problem}
 */
export function createMoment(hum, onSent, alive) {
  const sending = new XMLHttpRequest(); // fetch tells no progress of an upload
  sending.open("POST", "/v1/create-moment");
  const headers = { ...keyHeaders(), "Idempotency-Key": hum.idempotencyKey };
  for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
  sending.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
  alive.addEventListener("abort", () => sending.abort(), { once: true });
  return new Promise((accept, refuse) => {
    sending.onload = () => answered(sending, accept, refuse);
    sending.onerror = sending.ontimeout = sending.onabort = () => refuse(new Problem(t("error.offline")));
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

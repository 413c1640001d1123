/** The microphone: opened once, released in every way out, and why it cannot be had. */

import { t } from "../base/text.js";
import { waitFor } from "../base/waiting.js";

/** @import { TextName } from "../base/text.js" */

const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }; // they take humming for noise
/** @type {Record<string, TextName>} */
const REASONS = {
  NotAllowedError: "microphone.denied",
  SecurityError: "microphone.denied",
  NotFoundError: "microphone.missing",
  OverconstrainedError: "microphone.missing",
  NotReadableError: "microphone.in_use",
  AbortError: "microphone.in_use",
};

/** Why there is no microphone, in words for people. */
export class NoMicrophone extends Error {}

/** Return why this page can have no microphone at all, or "". */
export function whyNoMicrophone() {
  if (!window.isSecureContext) return t("microphone.insecure", { address: location.host });
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder || !window.AudioWorkletNode) return t("microphone.old_browser");
  return "";
}

/**
 * Open the microphone until the signal aborts, which may be while the browser still asks whether it may.
 * @param {AbortSignal} alive
 * @returns {Promise<MediaStream>}
 * @throws {NoMicrophone}
 */
export async function openMicrophone(alive) {
  const why = whyNoMicrophone();
  if (why) throw new NoMicrophone(why);
  const asked = navigator.mediaDevices.getUserMedia({ audio: PLAIN });
  alive.addEventListener("abort", () => void asked.then(release, () => {}), { once: true });
  return Promise.race([asked.catch((error) => { throw refusal(error); }), waitFor(() => {}, alive)]);
}

/** @param {MediaStream} stream */
function release(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

/** @param {unknown} error */
function refusal(error) {
  const name = error instanceof Error ? error.name : "";
  const reason = REASONS[name];
  return new NoMicrophone(reason ? t(reason) : t("microphone.other", { reason: error instanceof Error ? error.message : "" }));
}

/** Records a hum with the microphone, or takes a file. */

import { h } from "../base/dom.js";
import { t } from "../base/text.js";

/** @typedef {{ recording: Blob, name: string }} Take A recording and the name of its file. */

const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/**
 * @param {(take: Take) => void} taken Called with what was recorded or chosen.
 * @param {AbortSignal} alive
 */
export function recorder(taken, alive) {
  const button = h("button", { class: "hum", type: "button" }, t("record.start"));
  const said = h("p", { role: "status", class: "message" });
  /** @type {MediaRecorder | null} */
  let running = null;
  let asking = false;
  button.onclick = async () => {
    if (running) return running.stop();
    if (asking) return;
    asking = true; // a second click while the browser asks must not open a second stream
    try {
      running = await record(taken, () => { running = null; button.textContent = t("record.start"); }, alive);
      button.textContent = t("record.stop");
      said.textContent = t("record.listening");
    } catch (error) {
      said.textContent = t("record.no_microphone", { reason: error instanceof Error ? error.message : "" });
    } finally {
      asking = false;
    }
  };
  return h("div", { class: "recorder" }, button, said, fileInput(taken));
}

/** @param {(take: Take) => void} taken */
function fileInput(taken) {
  const input = h("input", { type: "file", accept: "audio/*" });
  input.onchange = () => { if (input.files?.[0]) taken({ recording: input.files[0], name: input.files[0].name }); };
  return h("label", { class: "file" }, t("record.file"), input);
}

/**
 * Open the microphone and start a recording.
 * @param {(take: Take) => void} taken
 * @param {() => void} ended
 * @param {AbortSignal} alive
 */
async function record(taken, ended, alive) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
  const recorder = new MediaRecorder(stream);
  /** @type {Blob[]} */
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = () => {
    stream.getTracks().forEach((track) => track.stop());
    ended();
    if (!alive.aborted) taken({ recording: new Blob(pieces, { type: recorder.mimeType }), name: "hum" });
  };
  alive.addEventListener("abort", () => { if (recorder.state !== "inactive") recorder.stop(); }, { once: true });
  recorder.start();
  return recorder;
}

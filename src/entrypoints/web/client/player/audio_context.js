/** The one AudioContext of the page: it is there while a view uses it, and sleeps while nothing sounds. */

/** Samples per second of our music: decoded at this rate, it is neither resampled nor larger than it must be. */
export const RATE = 44_100;

const RESUME_MS = 400;
const SLEEP_MS = 15_000;

/** @type {AudioContext | null} */
let shared = null;
let users = 0;
let sleep = 0;

/** Whether this browser can mix. */
export const canMix = () => typeof AudioContext === "function" && typeof AudioBufferSourceNode === "function";

/**
 * Return the context; it is closed once nobody needs it any more.
 * @param {AbortSignal} alive
 * @returns {AudioContext}
 */
export function openContext(alive) {
  shared ??= new AudioContext({ sampleRate: RATE, latencyHint: "balanced" });
  users += 1;
  alive.addEventListener("abort", release, { once: true });
  return shared;
}

/**
 * Let the context run; return whether it does. Browsers refuse until somebody has touched the page.
 * @param {AudioContext} context
 */
export async function awaken(context) {
  stayAwake();
  audioSession("playback"); // on iPhones: sound in spite of the switch for silence
  if (!isRunning(context)) {
    const patience = new Promise((wake) => { setTimeout(wake, RESUME_MS); }); // a refusal never answers
    await Promise.race([context.resume(), patience]).catch(() => {});
  }
  return isRunning(context);
}

/** Keep the context from falling asleep: another music may have stopped for this one. */
export function stayAwake() {
  clearTimeout(sleep);
}

/**
 * Let the context sleep, unless something sounds again soon.
 * @param {AudioContext} context
 */
export function rest(context) {
  clearTimeout(sleep);
  sleep = setTimeout(() => { if (isRunning(context)) void context.suspend(); }, SLEEP_MS);
}

function release() {
  users -= 1;
  if (users > 0 || !shared) return;
  clearTimeout(sleep);
  audioSession("auto");
  void shared.close().catch(() => {});
  shared = null;
}

/** @param {BaseAudioContext} context */
function isRunning(context) {
  return context.state === "running";
}

/** @param {"playback" | "auto"} type Of the AudioSession API, which only Safari has. */
function audioSession(type) {
  const { audioSession: session } = /** @type {Navigator & { audioSession?: { type: string } }} */ (navigator);
  if (session) session.type = type;
}

/** Records a hum: one big button, a staff that shows what is heard, the time, the level. */

import { LIMITS } from "../api/limits.js";
import { h } from "../base/dom.js";
import { guardPage } from "../base/guard.js";
import { Signal } from "../base/signal.js";
import { clockTime, t } from "../base/text.js";
import { keepText, readText } from "../device/storage.js";
import { liveStaff } from "./live_staff.js";
import { meter } from "./meter.js";
import { whyNoMicrophone } from "./microphone.js";
import { Session } from "./session.js";

/** @import { Recorded, State } from "./session.js" */

const COUNT_IN_AS = "moment.count_in";
const SOON_S = 10;

/**
 * @param {(recorded: Recorded) => void} taken Called with what was recorded.
 * @param {AbortSignal} alive
 * @returns {{ node: HTMLElement, session: Session, start: () => Promise<void> }}
 */
export function recorder(taken, alive) {
  const session = new Session();
  const said = h("p", { role: "status", class: "message" }, whyNoMicrophone());
  const countIn = h("input", { type: "checkbox" });
  countIn.checked = readText(COUNT_IN_AS) !== "no";
  countIn.onchange = () => void keepText(COUNT_IN_AS, countIn.checked ? "yes" : "no");
  const start = async () => {
    try {
      const recorded = await session.record(countIn.checked, alive);
      if (recorded) taken(recorded);
    } catch (error) {
      said.textContent = error instanceof Error ? error.message : "";
    }
  };
  const button = mainButton(session, start, alive);
  const now = h("p", { role: "status", class: "unseen" });
  session.state.watch((state) => {
    now.textContent = state === "recording" ? t("record.listening") : "";
    if (state !== "idle") said.textContent = "";
  }, alive);
  guardPage(atRisk(session, alive), alive);
  window.addEventListener("keydown", ({ key }) => { if (key === "Escape") session.cancel(); }, { signal: alive });
  return {
    session,
    start,
    node: h("section", { class: "recorder", "aria-label": t("record.title") },
      h("div", { class: "stage" }, liveStaff(session, alive), counter(session, alive)),
      running(session, alive),
      h("div", { class: "acts" }, button, cancelButton(session, alive)),
      said, now,
      h("label", { class: "check" }, countIn, t("record.count_in"))),
  };
}

/**
 * Return whether closing the page would lose what is hummed: links within it do not.
 * @param {Session} session
 * @param {AbortSignal} alive
 */
function atRisk(session, alive) {
  const risk = new Signal(false);
  session.state.watch((state) => { risk.value = state === "recording" || state === "finishing"; }, alive);
  return risk;
}

/**
 * @param {Session} session
 * @param {() => void} start
 * @param {AbortSignal} alive
 */
function mainButton(session, start, alive) {
  /** @type {Record<State, [text: string, act: () => void]>} */
  const acts = {
    idle: [t("record.start"), start],
    asking: [t("record.asking"), () => {}],
    counting: [t("record.now"), () => session.skip()],
    recording: [t("record.stop"), () => session.stop()],
    finishing: [t("record.finishing"), () => {}],
  };
  const button = h("button", { class: "hum", type: "button", disabled: Boolean(whyNoMicrophone()) });
  button.onclick = ({ detail }) => { if (detail <= 1) acts[session.state.value][1](); }; // the second click of two means nothing
  session.state.watch((state) => {
    button.textContent = acts[state][0];
    button.dataset.state = state;
  }, alive);
  return button;
}

/**
 * @param {Session} session
 * @param {AbortSignal} alive
 */
function cancelButton(session, alive) {
  const button = h("button", { type: "button", class: "quiet", onclick: () => session.cancel() }, t("record.cancel"));
  session.state.watch((state) => { button.hidden = !["asking", "counting", "recording"].includes(state); }, alive);
  return button;
}

/**
 * @param {Session} session
 * @param {AbortSignal} alive
 */
function counter(session, alive) {
  const node = h("div", { class: "counter", "aria-live": "assertive" });
  /** @type {(state: State) => void} */
  const show = (state) => { node.textContent = state === "counting" ? String(session.count.value) : ""; };
  session.count.watch(() => show(session.state.value), alive);
  session.state.watch(show, alive);
  return node;
}

/**
 * Return the time and the level, which are shown while the microphone is open.
 * @param {Session} session
 * @param {AbortSignal} alive
 */
function running(session, alive) {
  const time = h("p", { role: "timer", class: "clock" });
  const soon = h("p", { role: "status", class: "unseen" });
  const node = h("div", { class: "running" }, time, meter(session, alive), soon);
  session.seconds.watch((seconds) => {
    const left = LIMITS.longest_seconds - seconds;
    time.textContent = t("record.time", { now: clockTime(seconds), most: clockTime(LIMITS.longest_seconds) });
    time.classList.toggle("soon", left < SOON_S);
    soon.textContent = left < SOON_S ? t("record.soon", { seconds: SOON_S }) : "";
  }, alive);
  session.state.watch((state) => { node.classList.toggle("on", state !== "idle" && state !== "asking"); }, alive);
  return node;
}

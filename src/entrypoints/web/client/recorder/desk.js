/** The take that lies on the desk until it is sent: from the microphone, a file, or what an earlier page left behind. */

import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { forgetUnsent, keepUnsent, unsentTake } from "../device/recordings.js";
import { whyUnfit, whyUnusable } from "./fitness.js";
import { longestPart, takeOf } from "./take.js";
import { leaving } from "../base/waiting.js";

/** @import { Order } from "../device/recordings.js" */
/** @import { Part, Take } from "./take.js" */

/** Counts the takes that came when their view was left already: they belong to the desk of the view that is shown now. */
const late = new Signal(0);

export class Desk {
  /** @type {Signal<Take | null>} */
  take = new Signal(/** @type {Take | null} */ (null));
  /** What of the take is to be sent. @type {Signal<Part>} */
  part = new Signal({ from: 0, to: 0 });
  /** Whether a take is being read. */
  reading = new Signal(false);
  /** What there is to say about the take. */
  message = new Signal("");
  /** Whether the service refused the take for good. */
  refused = new Signal(false);
  /** How the take was sent, if it was. @type {Order | undefined} */
  order;
  #alive;
  #newest = new AbortController();
  #own = false;

  /** @param {AbortSignal} alive */
  constructor(alive) {
    this.#alive = alive;
    const leave = () => { if (this.take.value && !this.reading.value) void this.#keep(); }; // with how it was cut
    alive.addEventListener("abort", leave, { once: true });
    window.addEventListener("pagehide", leave, { signal: alive });
  }

  /**
   * Put a recording on the desk, in place of what lies there.
   * @param {Blob} recording
   * @param {string} name
   * @param {string} [message]
   */
  async put(recording, name, message = "") {
    this.#own = true;
    const signal = this.#startReading();
    const unfit = await whyUnfit(recording, name);
    if (this.#alive.aborted && !unfit) return void keepUnsent({ recording, name }).then(() => { late.value += 1; });
    if (signal.aborted) return;
    if (unfit) return this.#refuse(unfit);
    void keepUnsent({ recording, name }); // before it is read, which takes a while on a phone: somebody may reload
    const take = await this.#read(recording, name, signal);
    if (!take) return;
    const unusable = whyUnusable(take);
    if (unusable) return this.#refuse(unusable);
    this.#lay(take, longestPart(take), undefined, message);
  }

  /** Take up what earlier pages and views have not sent, unless there is something newer. */
  restore() {
    late.watch(() => void this.#restore(), this.#alive);
  }

  /**
   * Keep how the take is sent, before it is.
   * @param {Order} order
   */
  async keepOrder(order) {
    this.order = order;
    await this.#keep();
  }

  /** Clear the desk. */
  async clear() {
    this.stopReading();
    this.take.value = null;
    this.order = undefined;
    await this.#keep();
  }

  /** Give up what is being read. */
  stopReading() {
    this.#newest.abort();
    this.#newest = leaving(this.#alive);
    this.reading.value = false;
  }

  async #restore() {
    const unsent = await unsentTake();
    if (!unsent || this.#own || this.#alive.aborted) return;
    const take = await this.#read(unsent.recording, unsent.name, this.#startReading());
    if (!take) return;
    const unusable = whyUnusable(take);
    if (unusable) return this.#refuse(unusable);
    this.#lay(take, unsent.order?.part ?? unsent.part ?? longestPart(take), unsent.order, t("take.unsent"));
  }

  /** Keep what lies on the desk, if anything does, so that it outlasts the page. */
  async #keep() {
    const take = this.take.value;
    await (take ? keepUnsent({ recording: take.recording, name: take.name, part: this.part.value, order: this.order }) : forgetUnsent());
  }

  /** Say why a recording is not laid on the desk; what lies there stays. @param {string} why */
  async #refuse(why) {
    this.reading.value = false;
    this.message.value = why;
    await this.#keep();
  }

  /** Give up what is being read for something newer; return the signal that aborts if that happens again. */
  #startReading() {
    this.stopReading();
    this.message.value = "";
    this.reading.value = true;
    return this.#newest.signal;
  }

  /**
   * @param {Blob} recording
   * @param {string} name
   * @param {AbortSignal} signal
   */
  async #read(recording, name, signal) {
    const take = await takeOf(recording, name, signal);
    if (signal.aborted) return null;
    this.reading.value = false;
    return take;
  }

  /**
   * @param {Take} take
   * @param {Part} part
   * @param {Order | undefined} order
   * @param {string} message
   */
  #lay(take, part, order, message) {
    this.order = order;
    this.refused.value = false;
    this.part.value = part;
    this.take.value = take;
    this.message.value = message;
  }
}

/** What a take shall become, and sending it. */

import { Problem } from "../api/client.js";
import { h } from "../base/dom.js";
import { go } from "../base/router.js";
import { Signal } from "../base/signal.js";
import { t } from "../base/text.js";
import { leaving } from "../base/waiting.js";
import { styleCards } from "../styles/style_cards.js";
import { orderOf, place } from "./order.js";

/** @import { Desk } from "../recorder/desk.js" */
/** @import { Wishes } from "./order.js" */

/**
 * @param {Desk} desk
 * @param {AbortSignal} alive
 */
export function orderForm(desk, alive) {
  const [style, kind] = [new Signal(""), new Signal(/** @type {Wishes["outputKind"]} */ ("preview"))];
  const sending = new Sending(desk, alive);
  desk.take.watch((take) => {
    if (!take) return;
    style.value = desk.order?.style ?? style.value;
    kind.value = desk.order?.outputKind ?? kind.value;
  }, alive);
  const form = h("form", { class: "order" },
    styleCards({ chosen: style, alive }), h("div", { class: "wishes" }, kindChoice(kind, alive)),
    makeBar(desk, sending, alive));
  form.onsubmit = (event) => {
    event.preventDefault();
    void sending.send({ style: style.value, outputKind: kind.value });
  };
  return form;
}

class Sending {
  /** What part was sent, 0–1; null while nothing is. @type {Signal<number | null>} */
  sent = new Signal(/** @type {number | null} */ (null));
  /** Whether the last try failed. */
  failed = new Signal(false);
  cancel = () => {};
  #desk;
  #alive;

  /**
   * @param {Desk} desk
   * @param {AbortSignal} alive
   */
  constructor(desk, alive) {
    this.#desk = desk;
    this.#alive = alive;
    desk.take.watch(() => { this.cancel(); this.failed.value = false; }, alive); // another take is another order
  }

  /** @param {Wishes} wishes */
  async send(wishes) {
    const desk = this.#desk;
    if (!desk.take.value || this.sent.value !== null) return;
    const leave = leaving(this.#alive);
    this.cancel = () => leave.abort();
    this.sent.value = 0;
    this.failed.value = false;
    desk.message.value = "";
    try {
      const order = orderOf(desk.take.value, desk.part.value, wishes, desk.order);
      const id = await place(order, (kept) => desk.keepOrder(kept), (sent) => { this.sent.value = sent; }, leave.signal);
      await desk.clear();
      if (!this.#alive.aborted) go(`/moments/${id}`);
    } catch (error) {
      this.#explain(error, leave.signal.aborted);
    } finally {
      leave.abort();
      this.sent.value = null;
    }
  }

  /**
   * @param {unknown} error
   * @param {boolean} cancelled
   */
  #explain(error, cancelled) {
    const problem = error instanceof Problem ? error : new Problem(t("error.offline"));
    const told = t(problem.retryable ? "send.failed" : "send.refused", { reason: sentence(problem.message) });
    this.#desk.message.value = cancelled ? t("send.cancelled") : told;
    this.failed.value = !cancelled && problem.retryable;
    this.#desk.refused.value = !cancelled && !problem.retryable;
  }
}

/** @param {string} text With or without a capital and a full stop. */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.?!…]$/.test(text) ? "" : ".");
}

/**
 * @param {Desk} desk
 * @param {Sending} sending
 * @param {AbortSignal} alive
 */
function makeBar(desk, sending, alive) {
  const button = h("button", { class: "primary big" });
  const bar = h("div", { class: "make-music" }, button, progress(sending, alive));
  desk.take.watch((take) => { bar.hidden = !take; }, alive);
  sending.failed.watch((failed) => { button.textContent = t(failed ? "send.again" : "home.make"); }, alive);
  sending.sent.watch((sent) => { button.disabled = sent !== null; }, alive);
  return bar;
}

/**
 * @param {Sending} sending
 * @param {AbortSignal} alive
 */
function progress(sending, alive) {
  const bar = h("progress", { max: 1, "aria-label": t("home.sending") });
  const cancel = h("button", { type: "button", class: "quiet", onclick: () => sending.cancel() }, t("send.cancel"));
  const node = h("div", { class: "sending" }, h("span", {}, t("home.sending")), bar, cancel);
  sending.sent.watch((sent) => {
    node.hidden = sent === null;
    bar.value = sent ?? 0;
  }, alive);
  return node;
}

/**
 * @param {Signal<Wishes["outputKind"]>} kind
 * @param {AbortSignal} alive
 */
function kindChoice(kind, alive) {
  const choices = /** @type {const} */ (["preview", "song"]).map((name) => {
    const input = h("input", { type: "radio", name: "kind", value: name, onchange: () => { kind.value = name; } });
    kind.watch((chosen) => { input.checked = chosen === name; }, alive);
    return h("label", { class: "check" }, input, t(`home.${name}`));
  });
  return h("fieldset", { class: "field" }, h("legend", {}, t("home.kind")), choices);
}

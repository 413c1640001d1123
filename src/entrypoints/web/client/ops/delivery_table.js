/** The webhooks of a job: what became of each, and sending one again. */

import { Problem } from "../api/client.js";
import { h } from "../base/dom.js";
import { notify } from "../base/notices.js";
import { t } from "../base/text.js";
import { number, since } from "./figures.js";
import { sendAgain } from "./operations.js";
import { rowsIn, table, tableRow } from "./rows.js";

/** @import { Feed } from "./feed.js" */
/** @import { Delivery, Timeline } from "./types.js" */

/**
 * @param {string} id Of the job.
 * @param {Feed<Timeline>} feed
 * @param {AbortSignal} alive
 */
export function deliveryTable(id, feed, alive) {
  const columns = [t("ops.event"), t("ops.url"), t("ops.delivery.state"), t("ops.attempts"), t("ops.delivery.answer"), t("ops.delivery.again")];
  const { element, body } = table(t("ops.webhooks.title"), columns);
  const show = rowsIn(body, (/** @type {Delivery} */ delivery) => delivery.id, () => deliveryRow(id, feed));
  const panel = h("section", { class: "panel", hidden: true }, h("h2", {}, t("ops.webhooks.title")), element);
  feed.value.watch((found) => {
    show(found?.deliveries ?? []);
    panel.hidden = !found?.deliveries.length;
  }, alive);
  return panel;
}

/**
 * @param {string} job
 * @param {Feed<Timeline>} feed
 * @returns {import("./rows.js").Row<Delivery>}
 */
function deliveryRow(job, feed) {
  const { element, fill } = tableRow(5);
  let shown = "";
  const again = h("button", { type: "button", onclick: () => void deliver(job, shown, feed) }, t("ops.delivery.send"));
  element.append(h("td", { role: "cell" }, again));
  const update = (/** @type {Delivery} */ delivery) => {
    shown = delivery.id;
    again.setAttribute("aria-label", t("ops.delivery.send_of", { event: delivery.type }));
    fill([
      [t("ops.event"), h("code", {}, delivery.type), " ", since(delivery.timestamp)],
      [t("ops.url"), delivery.url],
      [t("ops.delivery.state"), t(`ops.delivery.${delivery.state}`),
        ...(delivery.next_attempt_at ? [", ", t("ops.delivery.next"), " ", since(delivery.next_attempt_at)] : [])],
      [t("ops.attempts"), number(delivery.attempts)],
      [t("ops.delivery.answer"), answerOf(delivery)],
    ]);
    again.hidden = delivery.state === "pending";
  };
  return { element, update };
}

/** @param {Delivery} delivery */
function answerOf({ log }) {
  const last = log.at(-1);
  return last ? String(last.error ?? last.status) : "–";
}

/**
 * @param {string} job
 * @param {string} delivery
 * @param {Feed<Timeline>} feed
 */
async function deliver(job, delivery, feed) {
  try {
    await sendAgain(job, delivery);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notify(error.message);
  }
  feed.now();
}

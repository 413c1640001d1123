/** From a take and what it shall become to a moment. */

import { Problem } from "../api/client.js";
import { randomName } from "../base/random.js";
import { keepMoment } from "../device/moments.js";
import { keepRecording } from "../device/recordings.js";
import { partOf } from "../recorder/take.js";
import { createMoment } from "./create.js";

/** @import { Order } from "../device/recordings.js" */
/** @import { Part, Take } from "../recorder/take.js" */

/**
 * What a take shall become.
 * @typedef {object} Wishes
 * @property {string} style "" leaves it to the service.
 * @property {"preview" | "song"} outputKind
 */

/**
 * Return what is to be sent: the earlier order again, if it is for the same, since it may have been accepted.
 * @param {Take} take
 * @param {Part} part
 * @param {Wishes} wishes
 * @param {Order} [earlier]
 * @returns {Order}
 */
export function orderOf(take, part, { style, outputKind }, earlier) {
  const same = earlier && earlier.style === style && earlier.outputKind === outputKind
    && earlier.part.from === part.from && earlier.part.to === part.to;
  if (same) return earlier;
  return { ...partOf(take, part), part, style, outputKind, idempotencyKey: randomName() };
}

/**
 * Send an order; return the id of its moment, which is kept on this device.
 * @param {Order} order
 * @param {(order: Order) => Promise<void>} keepOrder
 * @param {(sent: number) => void} onSent
 * @param {AbortSignal} alive
 */
export async function place(order, keepOrder, onSent, alive) {
  await keepOrder(order);
  const { job_id: id } = await accepted(order, keepOrder, onSent, alive);
  keepMoment({ id, createdAt: new Date().toISOString(), style: order.style });
  await keepRecording(id, order);
  return id;
}

/**
 * @param {Order} order
 * @param {(order: Order) => Promise<void>} keepOrder
 * @param {(sent: number) => void} onSent
 * @param {AbortSignal} alive
 */
async function accepted(order, keepOrder, onSent, alive) {
  const humOf = (/** @type {Order} */ one) => ({ ...one, blueprint: one.style ? { style: one.style } : {} });
  try {
    return await createMoment(humOf(order), onSent, alive);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "idempotency_key_reused") throw error;
    const anew = { ...order, idempotencyKey: randomName() }; // the key was used for something else: nothing was accepted
    await keepOrder(anew);
    return createMoment(humOf(anew), onSent, alive);
  }
}

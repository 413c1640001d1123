/** The staff while somebody hums: the line grows, and then the paper moves under it. */

import { t } from "../base/text.js";
import { staff, usualRows } from "./staff.js";

/** @import { Session } from "./session.js" */

const SPAN_S = 8;
const AHEAD_S = 1.5;
/** What a hum may look like, before there is one. */
const EXAMPLE = [62, 64, 65, 62, 67, 65, 64, 62].map((pitch, index) => ({ start: 0.6 + index * 0.85, duration: 0.75, pitch }));

/**
 * @param {Session} session
 * @param {AbortSignal} alive
 */
export function liveStaff(session, alive) {
  const { node, show } = staff(t("record.staff"), alive);
  show({ notes: EXAMPLE });
  session.state.watch((state) => {
    if (state !== "idle") show({ points: [], notes: [], start: 0, end: SPAN_S, head: false });
    else show({ ...usualRows([]), points: [], notes: EXAMPLE, start: 0, end: SPAN_S, head: false });
  }, alive);
  let rows = usualRows([]);
  session.block.watch((block) => {
    if (session.state.value !== "recording") rows = usualRows([]);
    const { points } = session;
    const now = points.at(-1)?.at;
    if (!block || session.state.value !== "recording" || now === undefined) return;
    rows = wider(rows, usualRows(block.points));
    const end = Math.max(SPAN_S, now + AHEAD_S);
    show({ ...rows, points, start: end - SPAN_S, end, head: true });
  }, alive);
  return node;
}

/**
 * @param {{ low: number, high: number }} rows
 * @param {{ low: number, high: number }} others
 */
function wider(rows, others) {
  return { low: Math.min(rows.low, others.low), high: Math.max(rows.high, others.high) };
}

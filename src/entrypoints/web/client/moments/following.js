/** Hearing of a job until it has ended: by its events, by asking where there is no stream for us, and again after outages. */

import { eventsOf, RETRY } from "../api/events.js";
import { wantsKey } from "../api/key_entry.js";
import { Problem } from "../api/client.js";
import { every, leaving } from "../base/waiting.js";
import { backoff, pause, untilKey } from "./pauses.js";

/** @import { Moment } from "./moment.js" */

const NO_STREAM = ["too_many_streams", "streams_busy"];
const LEAST_POLL = 10; // seconds for which the status is read in place of a stream
const QUIET_POLL = 5; // seconds between two looks at what is no event: what the job waits for, and when it is done
const QUEUE_POLL = 2; // and in the queue

/**
 * Keep a moment up to date until its job has ended or is gone, or the signal aborts.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
export async function followJob(moment, alive) {
  for (let failures = 0; !alive.aborted && !moment.over; ) {
    try {
      const wait = await followStream(moment, alive);
      failures = 0;
      if (!moment.over) await pause(wait, alive);
    } catch (error) {
      if (alive.aborted || moment.over) return;
      await recover(moment, error, failures++, alive);
    }
  }
}

/**
 * Follow one stream to its end; return after how many milliseconds to open the next one.
 * @param {Moment} moment
 * @param {AbortSignal} alive
 */
async function followStream(moment, alive) {
  await moment.refresh(alive);
  if (moment.over) return 0;
  const broken = leaving(alive);
  const end = () => broken.abort();
  lookNowAndThen(moment, broken);
  let wait = 1000;
  try {
    for await (const event of eventsOf(moment.id, moment.lastEvent, broken.signal)) {
      moment.connection.value = moment.over ? moment.connection.value : "live";
      if (event.kind === RETRY) wait = event.data;
      else void moment.take(event).catch(end); // what was missed is read when the stream is opened again
    }
    return wait * (0.75 + Math.random() / 2);
  } finally {
    end();
  }
}

/**
 * Read now and then what no event tells.
 * @param {Moment} moment
 * @param {AbortController} stream Aborts when the stream is closed; a key that is refused now closes it.
 */
function lookNowAndThen(moment, stream) {
  let since = 0;
  every(1000, () => {
    const due = Math.max(moment.askAgain, moment.status.value?.status === "PENDING" ? QUEUE_POLL : QUIET_POLL);
    if (++since < due || moment.over) return;
    since = 0;
    void moment.refresh().catch((error) => { if (wantsKey(error)) stream.abort(error); }); // when it is away, the stream tells
  }, stream.signal);
}

/**
 * Wait until it makes sense to open another stream.
 * @param {Moment} moment
 * @param {unknown} error Why there is none.
 * @param {number} failures How many there were before, one after the other.
 * @param {AbortSignal} alive
 */
async function recover(moment, error, failures, alive) {
  const problem = (moment.problem.value = error instanceof Problem ? error : null);
  if (problem && NO_STREAM.includes(problem.code)) return poll(moment, problem.retryAfter, alive);
  moment.connection.value = wantsKey(problem) ? "locked" : "lost";
  if (wantsKey(problem)) await untilKey(alive);
  else await pause(Math.max(backoff(failures), (problem?.retryAfter ?? 0) * 1000), alive);
}

/**
 * Read the status again and again, while the service has no stream for us.
 * @param {Moment} moment
 * @param {number} seconds After how many another stream may be asked for.
 * @param {AbortSignal} alive
 */
async function poll(moment, seconds, alive) {
  moment.connection.value = "polling";
  const until = performance.now() + Math.max(seconds, LEAST_POLL) * 1000 * (1 + Math.random() / 2);
  while (!alive.aborted && !moment.over && performance.now() < until) {
    await pause(Math.max(moment.askAgain, 1) * 1000, alive);
    if (!alive.aborted) await moment.refresh(alive);
  }
}

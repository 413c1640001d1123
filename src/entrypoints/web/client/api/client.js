/** Requests to the API, and what it answers when it refuses (RFC 9457). */

import { t } from "../base/text.js";
import { leaving } from "../base/waiting.js";
import { keyHeaders } from "./key.js";
import { withKey } from "./key_entry.js";

/** @import { Accepted, Status, Style } from "./types.js" */

const PATIENCE_MS = 30_000;

/** A request that was refused, or that got no answer. */
export class Problem extends Error {
  /**
   * @param {string} message A sentence for people.
   * @param {{ code?: string, status?: number, retryable?: boolean, retryAfter?: number,
   *   errors?: { pointer: string, message: string }[] }} [facts] Without a status, nothing answered.
   */
  constructor(message, facts = {}) {
    super(message);
    this.code = facts.code ?? "unreachable";
    this.status = facts.status ?? 0;
    this.retryable = facts.retryable ?? true;
    this.retryAfter = facts.retryAfter ?? 0;
    this.errors = facts.errors ?? [];
  }
}

/**
 * @typedef {{ method?: string, json?: unknown, headers?: Record<string, string>, key?: string, alive?: AbortSignal }} Options
 *   `key` in place of the studio's; "" is none.
 */

/**
 * Send a request; return the JSON of the answer, or null where it has none.
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function request(path, options = {}) {
  return jsonOf(await answerTo(path, options), options.alive);
}

/**
 * Return the JSON of an answer, or null where it has none.
 * @param {Response} answer
 * @param {AbortSignal} [alive]
 * @returns {Promise<any>}
 * @throws {Problem}
 */
export async function jsonOf(answer, alive) {
  try {
    return answer.status === 204 ? null : await answer.json();
  } catch (error) {
    throw alive?.aborted ? error : new Problem(t("error.offline"));
  }
}

/**
 * Send a request, with a key where one is needed; return the answer, also that nothing has changed (304).
 * @param {string} path
 * @param {Options} [options]
 * @throws {Problem}
 */
export function answerTo(path, options = {}) {
  return withKey(() => send(path, options), { insists: (options.method ?? "GET") !== "GET" });
}

/**
 * Send a request; return the answer, also that nothing has changed (304). Nobody is asked for a key.
 * @param {string} path
 * @param {Options} options
 * @throws {Problem}
 */
export async function send(path, { method = "GET", json, headers = {}, key, alive }) {
  /** @type {Record<string, string>} */
  const typed = json === undefined ? {} : { "Content-Type": "application/json" };
  const body = json === undefined ? undefined : JSON.stringify(json);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = alive ? leaving(patience, alive).signal : patience;
  try {
    const answer = await fetch(path, { method, body, signal, headers: { ...keyHeaders(key), ...typed, ...headers } });
    if (!answer.ok && answer.status !== 304) throw await problemOf(answer);
    return answer;
  } catch (error) {
    if (error instanceof Problem || alive?.aborted) throw error;
    throw new Problem(t("error.offline"));
  }
}

/**
 * Return what a refused request was refused for.
 * @param {Response} answer
 */
export async function problemOf(answer) {
  return problemFrom(answer.status, await answer.text(), answer.headers.get("Retry-After"));
}

/**
 * @param {number} status
 * @param {string} text The body.
 * @param {string | null} retryAfter The header.
 */
export function problemFrom(status, text, retryAfter) {
  try {
    const { detail, code, retryable, errors } = JSON.parse(text);
    return new Problem(detail, { code, status, retryable, errors, retryAfter: Number(retryAfter ?? 0) });
  } catch {
    return new Problem(t("error.offline"), { code: "unreadable", status });
  }
}

/**
 * Return the path of a job.
 * @param {string} id
 */
export const jobPath = (id) => `/v1/jobs/${encodeURIComponent(id)}`;

/**
 * @param {string} id
 * @param {AbortSignal} [alive]
 * @returns {Promise<Status>}
 */
export const readStatus = (id, alive) => request(jobPath(id), { alive });

/**
 * @param {string} id
 * @returns {Promise<{ job_id: string, status: string }>}
 */
export const cancel = (id) => request(`${jobPath(id)}/cancel`, { method: "POST" });

/**
 * Run a job again that has failed.
 * @param {string} id
 * @returns {Promise<{ job_id: string, status: string }>}
 */
export const retry = (id) => request(`${jobPath(id)}/retry`, { method: "POST" });

/**
 * @param {string} id
 * @param {unknown} changes
 * @param {string} idempotencyKey
 * @returns {Promise<Accepted>}
 */
export const remix = (id, changes, idempotencyKey) =>
  request(`${jobPath(id)}/remix`, {
    method: "POST", json: changes, headers: { "Idempotency-Key": idempotencyKey },
  });

/** @returns {Promise<Style[]>} */
export const listStyles = () => request("/v1/styles");

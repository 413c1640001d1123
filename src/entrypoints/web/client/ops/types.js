/**
 * What `/v1/operations/` sends (docs/api.md#operate); only what the page uses. Times are of RFC 3339.
 *
 * @typedef {import("../api/types.js").State} State
 * @typedef {"preview" | "song"} Kind
 *
 * @typedef {object} Worker
 * @property {string} name
 * @property {string} version
 * @property {string} host
 * @property {number} slots
 * @property {number} running
 * @property {Partial<Record<Kind, string>>} waiting_for The code of what keeps it from making a kind.
 * @property {string | null} started_at
 * @property {string | null} seen_at
 *
 * @typedef {object} Stats
 * @property {number} waiting
 * @property {number} delayed
 * @property {number} running
 * @property {number} lost
 * @property {number} oldest_waiting Seconds.
 * @property {number} completed_1m
 * @property {number} completed_1h
 * @property {number} completed_1d
 * @property {number} failed_1m
 * @property {number} failed_1h
 * @property {number} failed_1d
 * @property {number} cancelled_1d
 * @property {Record<string, number>} waiting_for Jobs by code.
 * @property {Partial<Record<State, number>>} unfinished
 * @property {Record<string, number>} failed_for Jobs by code.
 * @property {Worker[]} workers
 * @property {Kind[]} paused
 * @property {Conversions} [conversions]
 *
 * @typedef {object} Conversions
 * @property {number} waiting
 * @property {number} running
 * @property {number} oldest_waiting Seconds.
 * @property {number} failed_1h
 *
 * @typedef {object} JobRow
 * @property {string} id
 * @property {State} status
 * @property {Kind | null} output_kind Null if a newer version wrote the job.
 * @property {string} owner
 * @property {string} client_reference
 * @property {string} code Of the error.
 * @property {string} waiting_for
 * @property {number} progress
 * @property {string | null} worker
 * @property {string | null} leased_until
 * @property {boolean} lost Whether that is over, by the clock of the database.
 * @property {string} due_at
 * @property {number} attempt
 * @property {number} errors
 * @property {number} max_attempts
 * @property {boolean} cancel_requested
 * @property {boolean} expiring
 * @property {string} created_at
 * @property {string} updated_at
 *
 * @typedef {object} JobPage
 * @property {JobRow[]} jobs
 * @property {string | null} next_cursor
 *
 * @typedef {object} Fleet
 * @property {Worker[]} workers
 * @property {JobRow[]} leases
 *
 * @typedef {object} DeliveryStats
 * @property {number} pending
 * @property {number} late Seconds.
 * @property {number} [failing]
 * @property {number} [failing_for] Seconds.
 * @property {{ id: string, owner: string, url: string, disabled_at: string, because: string }[]} disabled
 *
 * @typedef {object} Call A call of a music tool.
 * @property {string} tool
 * @property {State} stage
 * @property {string} at
 * @property {number} seconds
 * @property {string} [code]
 * @property {number} [attempt]
 * @property {string} [worker]
 *
 * @typedef {object} Attempt
 * @property {string} at
 * @property {string} worker
 * @property {string} code
 * @property {string} [message]
 * @property {boolean} [counted]
 *
 * @typedef {object} Delivery
 * @property {string} id
 * @property {string} type
 * @property {string} timestamp
 * @property {string} url
 * @property {"pending" | "delivered" | "failed" | "dropped"} state
 * @property {number} attempts
 * @property {string | null} next_attempt_at
 * @property {{ at: string, status: number | null, error: string | null, seconds: number }[]} log
 *
 * @typedef {object} Timeline
 * @property {JobRow} job
 * @property {number} priority
 * @property {number} token
 * @property {number} crashes
 * @property {number} breaks
 * @property {number} worked Seconds.
 * @property {{ code: string, message: string, permanent: boolean } | null} error
 * @property {string} request_id
 * @property {string} filename
 * @property {string} [style] "" where it is left to the service; missing of older services.
 * @property {string | null} [parent_id] The job of which it is a remix.
 * @property {{ status: State, at: string }[]} history
 * @property {Attempt[]} attempts
 * @property {Call[]} calls
 * @property {Delivery[]} deliveries
 *
 * @typedef {object} Outcome
 * @property {string} job_id
 * @property {State | null} status
 * @property {{ code: string, message: string, retryable: boolean } | null} error
 *
 * @typedef {object} Outcomes
 * @property {Outcome[]} outcomes
 * @property {number} left_out
 * @property {boolean} more
 */
export {};

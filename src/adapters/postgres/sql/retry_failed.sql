-- It begins anew, so it takes a turn among the jobs that were not begun; its deadline was that of the
-- first request.
-- lease_token keeps its value: the worker that held the job before it failed must not write it again.
WITH retried AS (
    UPDATE moment.jobs
    SET
        document = $2,
        format = $5,
        status = $3,
        version = $4,
        attempt = 0,
        errors = 0,
        crashes = 0,
        breaks = 0,
        worked = '0',
        queued_at = now(),
        priority = least(priority, 0),
        turn = (
            SELECT taken.turn
            FROM moment.take_turns(ARRAY[client], ARRAY[urgent], ARRAY[output_kind], ARRAY[NULL::integer]) AS taken
        ),
        deadline = NULL,
        reason = '',
        refused = false,
        progress = 0,
        run_at = now(),
        cancel_requested = false,
        finished_at = NULL,
        updated_at = now()
    WHERE id = $1 AND finished_at IS NOT NULL AND NOT expiring
    RETURNING id
)
SELECT pg_notify('moment_work', '') FROM retried

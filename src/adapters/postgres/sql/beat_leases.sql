-- A row that a save holds at this moment is passed over, not waited for: two statements over many rows that lock them in
-- different orders would deadlock, and a heartbeat must never wait. The save renews that lease; it is reported as ours.
-- Not asking for finished_at IS NULL, and the ANY beside the join, have the reasons that save_jobs.sql gives.
WITH beat AS MATERIALIZED (
    SELECT jobs.id, jobs.cancel_requested, told.progress
    FROM unnest($1::uuid[], $2::bigint[], $3::real[]) AS told (id, token, progress)
    JOIN jobs
        ON jobs.id = told.id
        AND jobs.lease_token = told.token
        AND jobs.lease_expires_at IS NOT NULL
    WHERE jobs.id = ANY ($1::uuid[])
), free AS MATERIALIZED (
    SELECT jobs.id
    FROM jobs
    WHERE jobs.id = ANY (ARRAY(SELECT beat.id FROM beat))
    FOR UPDATE SKIP LOCKED
), renewed AS (
    UPDATE jobs
    SET lease_expires_at = now() + $4::interval, progress = coalesce(beat.progress, jobs.progress)
    FROM unnest($1::uuid[], $2::bigint[], $3::real[]) AS beat (id, token, progress)
    WHERE jobs.id = beat.id
        AND jobs.id = ANY (ARRAY(SELECT free.id FROM free))
        AND jobs.lease_token = beat.token
        AND jobs.lease_expires_at IS NOT NULL
    RETURNING jobs.id
)
SELECT id, cancel_requested, EXISTS (SELECT FROM renewed WHERE renewed.id = beat.id) AS renewed FROM beat

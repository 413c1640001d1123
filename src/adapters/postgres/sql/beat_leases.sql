-- Rows that a save has locked are skipped: two statements that lock many rows in different orders could deadlock, and a
-- heartbeat must not wait. The save renews those leases itself; they are returned with renewed = false.
-- For the missing finished_at IS NULL, and the ANY besides the join, see save_jobs.sql.
WITH beat AS MATERIALIZED (
    SELECT jobs.id, jobs.cancel_requested, sent.progress
    FROM unnest($1::uuid[], $2::bigint[], $3::real[]) AS sent (id, token, progress)
    JOIN moment.jobs
        ON jobs.id = sent.id
        AND jobs.lease_token = sent.token
        AND jobs.lease_expires_at IS NOT NULL
    WHERE jobs.id = ANY ($1::uuid[])
), free AS MATERIALIZED (
    SELECT jobs.id
    FROM moment.jobs
    WHERE jobs.id = ANY (ARRAY(SELECT beat.id FROM beat))
    FOR UPDATE SKIP LOCKED
), renewed AS (
    UPDATE moment.jobs
    SET lease_expires_at = now() + $4::interval, progress = coalesce(beat.progress, jobs.progress)
    FROM unnest($1::uuid[], $2::bigint[], $3::real[]) AS beat (id, token, progress)
    WHERE jobs.id = beat.id
        AND jobs.id = ANY (ARRAY(SELECT free.id FROM free))
        AND jobs.lease_token = beat.token
        AND jobs.lease_expires_at IS NOT NULL
    RETURNING jobs.id
)
SELECT id, cancel_requested, EXISTS (SELECT FROM renewed WHERE renewed.id = beat.id) AS renewed FROM beat

-- What a job has cost so far, what it waits for, and who runs jobs. Every column has a constant default: no row is rewritten.
ALTER TABLE moment.jobs
    ADD COLUMN format smallint NOT NULL DEFAULT 1,
    ADD COLUMN errors smallint NOT NULL DEFAULT 0,
    ADD COLUMN crashes smallint NOT NULL DEFAULT 0,
    ADD COLUMN breaks smallint NOT NULL DEFAULT 0,
    ADD COLUMN worked interval NOT NULL DEFAULT '0',
    ADD COLUMN claimed_at timestamptz,
    ADD COLUMN queued_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN refused boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN moment.jobs.attempt IS 'Claims that were not given back.';
COMMENT ON COLUMN moment.jobs.format IS 'Of the document. A worker claims only what it can read.';
COMMENT ON COLUMN moment.jobs.errors IS 'Failures of its own; max_attempts of them end the job.';
COMMENT ON COLUMN moment.jobs.crashes IS 'Workers that were lost while they ran it. Above 0 it is claimed alone.';
COMMENT ON COLUMN moment.jobs.breaks IS 'Calls in a row that broke the music tools. Above 1 it runs alone.';
COMMENT ON COLUMN moment.jobs.worked IS 'Time under leases, without that in which something was away.';
COMMENT ON COLUMN moment.jobs.queued_at IS 'When it was accepted, or retried by an operator: its age counts from here.';
COMMENT ON COLUMN moment.jobs.reason IS 'The code of the error that ended it, or of what it waits for; else empty.';
COMMENT ON COLUMN moment.jobs.refused IS 'Its input was refused; its audio is to be removed.';

CREATE INDEX jobs_refused ON moment.jobs (finished_at) WHERE refused;

-- The few that a claim has to know of. The lease is no column of it: heartbeats would have to maintain the index.
CREATE INDEX jobs_breaking ON moment.jobs (breaks) WHERE finished_at IS NULL AND breaks > 0;

CREATE TABLE moment.workers (
    name text PRIMARY KEY,
    version text NOT NULL,
    host text NOT NULL,
    slots integer NOT NULL,
    running integer NOT NULL,
    waiting_for jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN moment.workers.waiting_for IS 'By kind of moment, the code of what keeps the worker from making it.';

CREATE TABLE moment.pauses (
    output_kind text PRIMARY KEY CHECK (output_kind IN ('preview', 'song')),
    paused_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE moment.pauses IS 'Kinds of moments that an operator has paused: none of them is claimed.';

-- A job that nobody runs waits for what an operator has paused, or for what keeps all workers from making its kind, or for
-- what its last attempt met. A worker that is silent for 30 s is gone.
CREATE FUNCTION moment.waits_for(kind text, reason text) RETURNS text
LANGUAGE sql STABLE
AS $function$
    SELECT CASE
        WHEN EXISTS (SELECT FROM moment.pauses WHERE output_kind = kind) THEN 'jobs_paused'
        ELSE (
            SELECT CASE
                WHEN count(*) = 0 THEN 'worker_missing'
                WHEN bool_and(waiting_for ? kind) THEN max(waiting_for ->> kind)
                ELSE reason
            END
            FROM moment.workers
            WHERE seen_at > now() - interval '30 seconds'
        )
    END
$function$;

-- Workers of the versions before call it until they are replaced. Its reasons are those of 0003_claim.
CREATE OR REPLACE FUNCTION moment.claim_jobs(worker text, lease interval, slots integer)
RETURNS TABLE (
    id uuid, document json, lease_token bigint, attempt integer, max_attempts integer, cancel_requested boolean
)
LANGUAGE plpgsql
SET enable_bitmapscan = off
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT id
        FROM moment.jobs
        WHERE finished_at IS NULL
            AND run_at <= now()
            AND (lease_expires_at IS NULL OR lease_expires_at <= now())
            AND format <= 1
            AND output_kind NOT IN (SELECT pauses.output_kind FROM moment.pauses)
        ORDER BY priority DESC, run_at, id
        LIMIT $3
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE moment.jobs
        SET
            attempt = attempt + 1,
            lease_token = lease_token + 1,
            lease_expires_at = now() + $2,
            claimed_at = now(),
            worker = $1,
            updated_at = now()
        WHERE id = ANY (ARRAY(SELECT id FROM due))
        RETURNING id, document, lease_token, attempt, max_attempts, cancel_requested, priority, run_at
    )
    SELECT
        claimed.id,
        claimed.document,
        claimed.lease_token,
        claimed.attempt,
        claimed.max_attempts,
        claimed.cancel_requested
    FROM claimed
    ORDER BY priority DESC, run_at, id;
END
$function$;

-- The claim of this version; its number grows when its signature or its result changes, so that workers of two versions
-- run side by side.
--
-- It goes from priority to priority: with the priority fixed and both bounds of run_at in reach, the index skips whatever
-- is due later. (One walk over all priorities would read every retry that still has to wait, for each claim.) We set
-- priorities 1 (begun) and 0; the others are those of workers of the versions before, and of operators. PL/pgSQL keeps
-- the plans; the settings make it walk jobs_claim in its order, whatever old statistics say about the size of the backlog.
CREATE FUNCTION moment.claim_jobs_2(
    worker text,
    lease interval,
    slots integer,
    kinds text[],
    newest_format integer,
    max_age interval,
    suspects boolean,
    alone_after integer
)
RETURNS TABLE (
    id uuid,
    document json,
    lease_token bigint,
    attempt integer,
    errors integer,
    max_attempts integer,
    crashes integer,
    breaks integer,
    lost_worker text,
    worked interval,
    claimed_at timestamptz,
    expired boolean,
    cancel_requested boolean
)
LANGUAGE plpgsql
SET enable_bitmapscan = off
SET enable_seqscan = off
SET enable_sort = off
SET jit = off -- what is off costs so much, by the planner's account, that it would compile the statements
AS $function$
#variable_conflict use_column
DECLARE
    levels smallint[] := '{1,0}';
    level smallint;
    picked uuid[] := '{}';
    suspect uuid;
    lost text := '';
    most_breaks integer := alone_after - 1;
BEGIN
    -- Of the jobs that may be what breaks the tools, one runs at a time: two could not be told apart. Two claims in the
    -- same instant may each find none and lease one; they rarely do so again. The order is that of jobs_breaking, so that
    -- no other index will do.
    PERFORM
    FROM moment.jobs
    WHERE finished_at IS NULL AND breaks > 0 AND breaks >= alone_after AND lease_expires_at > now()
    ORDER BY breaks
    LIMIT 1;
    IF suspects AND NOT FOUND THEN
        most_breaks := 32767;
    END IF;
    IF EXISTS (SELECT FROM moment.pauses) THEN
        kinds := ARRAY(SELECT unnest(kinds) EXCEPT SELECT output_kind FROM moment.pauses);
    END IF;
    IF EXISTS (SELECT FROM moment.jobs WHERE finished_at IS NULL AND priority > 1)
        OR EXISTS (SELECT FROM moment.jobs WHERE finished_at IS NULL AND priority < 0)
    THEN
        levels := ARRAY(SELECT DISTINCT priority FROM moment.jobs WHERE finished_at IS NULL ORDER BY priority DESC);
    END IF;
    FOREACH level IN ARRAY levels LOOP
        EXIT WHEN cardinality(picked) >= slots;
        picked := picked || ARRAY(
            SELECT id
            FROM moment.jobs
            WHERE finished_at IS NULL
                AND priority = level
                AND run_at <= now()
                AND (lease_expires_at IS NULL OR lease_expires_at <= now())
                AND format <= newest_format
                AND (output_kind = ANY (kinds) OR cancel_requested OR queued_at < now() - max_age)
                AND (suspects OR (crashes = 0 AND lease_expires_at IS NULL))
                AND breaks <= most_breaks
            ORDER BY run_at, id
            LIMIT slots - cardinality(picked)
            FOR UPDATE SKIP LOCKED
        );
    END LOOP;
    IF suspects THEN -- the first one is claimed alone; the rows of the others are free again at the end
        SELECT id, CASE WHEN lease_expires_at IS NULL THEN '' ELSE coalesce(jobs.worker, '') END
        INTO suspect, lost
        FROM moment.jobs
        WHERE id = ANY (picked) AND (crashes > 0 OR lease_expires_at IS NOT NULL OR breaks >= alone_after)
        ORDER BY array_position(picked, id)
        LIMIT 1;
        IF suspect IS NULL THEN
            lost := '';
        ELSE
            picked := ARRAY[suspect];
        END IF;
    END IF;
    RETURN QUERY
    WITH claimed AS (
        UPDATE moment.jobs
        SET
            attempt = attempt + 1,
            crashes = crashes + (lease_expires_at IS NOT NULL)::integer,
            worked = worked + coalesce(lease_expires_at - claimed_at, '0'),
            reason = '',
            lease_token = lease_token + 1,
            lease_expires_at = now() + lease,
            claimed_at = now(),
            worker = claim_jobs_2.worker,
            updated_at = now()
        WHERE id = ANY (picked)
        RETURNING *
    )
    SELECT
        id,
        document,
        lease_token,
        attempt,
        errors::integer,
        max_attempts,
        crashes::integer,
        breaks::integer,
        lost,
        worked,
        claimed_at,
        queued_at < now() - max_age,
        cancel_requested
    FROM claimed
    ORDER BY array_position(picked, id);
END
$function$;

COMMENT ON FUNCTION moment.claim_jobs IS 'The claim of version 0.1, for workers that are still to be replaced.';
COMMENT ON FUNCTION moment.claim_jobs_2 IS 'Leases due jobs to a worker, at most as many as it has slots free.';

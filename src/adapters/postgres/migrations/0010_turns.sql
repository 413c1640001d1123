-- Fair turns: a job gets its turn when it is inserted, so that claims walk an index and compare nothing. The turns of a
-- line are virtual times (start-time fair queueing: Goyal, Vin, Cheng 1996). A line is a kind of moments, urgent or not.
-- Every column has a constant default: no row is rewritten, and what versions before insert has the first turn.
ALTER TABLE moment.jobs
    ADD COLUMN urgent boolean NOT NULL DEFAULT false,
    ADD COLUMN turn double precision NOT NULL DEFAULT 0;

COMMENT ON COLUMN moment.jobs.urgent IS 'Whether it goes before the jobs that are not.';
COMMENT ON COLUMN moment.jobs.turn IS 'Its place in its line while it was not begun; infinity for a place by age alone.';

CREATE TABLE moment.turns (
    client text NOT NULL,
    urgent boolean NOT NULL,
    output_kind text NOT NULL,
    finish double precision NOT NULL,
    PRIMARY KEY (client, urgent, output_kind)
);

CREATE INDEX turns_finish ON moment.turns (urgent, output_kind, finish);

COMMENT ON TABLE moment.turns IS 'Where in a line the next job of a client stands, at the earliest.';

CREATE SEQUENCE moment.claims;

SELECT setval('moment.claims', 4); -- so that it has been called: its last value is that of the last claim

COMMENT ON SEQUENCE moment.claims IS 'Counts the jobs that were claimed for the first time: every fourth goes by age.';

-- The virtual time of a line: the turn of the job that is next; if none waits, where the last one ended. So whoever was
-- away neither saves up turns nor owes any.
CREATE FUNCTION moment.turn_reached(hurry boolean, kind text) RETURNS double precision
LANGUAGE plpgsql STABLE
SET enable_bitmapscan = off
SET enable_seqscan = off
SET enable_sort = off
SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    reached double precision;
BEGIN
    SELECT turn INTO reached
    FROM moment.jobs
    WHERE finished_at IS NULL
        AND priority = 0
        AND turn < 'infinity'
        AND urgent = hurry
        AND output_kind = kind
        AND lease_expires_at IS NULL
    ORDER BY turn, run_at, id
    LIMIT 1;
    IF NOT FOUND THEN
        SELECT finish INTO reached
        FROM moment.turns
        WHERE urgent = hurry AND output_kind = kind
        ORDER BY finish DESC
        LIMIT 1;
    END IF;
    RETURN coalesce(reached, 0);
END
$function$;

-- The turns of new jobs, in their order; NULL for those of a client that has as many waiting as it may. A client of
-- whom nothing is known ('') has no account: each of its jobs is that of a newcomer.
--
-- The lock of a client makes the count exact: what the function reads after it has the lock includes what was committed
-- before. It is taken in the order of its key, so that two batches never wait for each other.
--
-- Without settings against joins: all of a batch are joined with each other, and row by row that took 14 µs for each of
-- 200 jobs instead of 5. What it reads of jobs and turns is in subqueries, which such settings would not concern.
CREATE FUNCTION moment.take_turns(clients text[], hurries boolean[], kinds text[], mosts integer[])
RETURNS TABLE (number bigint, turn double precision)
LANGUAGE plpgsql
SET enable_bitmapscan = off
SET enable_seqscan = off
SET jit = off
AS $function$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(1010, key)
    FROM (
        SELECT DISTINCT hashtext(client) AS key FROM unnest(clients) AS client WHERE client <> '' ORDER BY key
    ) AS keys;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT *, row_number() OVER (PARTITION BY client ORDER BY number) AS place
        FROM unnest(clients, hurries, kinds, mosts) WITH ORDINALITY AS asked (client, hurry, kind, most, number)
    ), lines AS MATERIALIZED (
        SELECT hurry, kind, moment.turn_reached(hurry, kind) AS reached
        FROM (SELECT DISTINCT hurry, kind FROM asked) AS each_line
    ), held AS MATERIALIZED (
        SELECT
            client,
            (
                SELECT count(*)
                FROM (
                    SELECT
                    FROM moment.jobs
                    WHERE jobs.client = each_client.client
                        AND jobs.client <> ''
                        AND finished_at IS NULL
                        AND (lease_expires_at IS NULL OR lease_expires_at <= now())
                    LIMIT each_client.most
                ) AS waiting
            ) AS waiting
        FROM (SELECT client, max(most) AS most FROM asked WHERE client <> '' AND most IS NOT NULL GROUP BY client) AS each_client
    ), admitted AS MATERIALIZED (
        SELECT asked.*, row_number() OVER (PARTITION BY client, hurry, kind ORDER BY number) - 1 AS before
        FROM asked
        LEFT JOIN held USING (client)
        WHERE client = '' OR most IS NULL OR waiting + place <= most
    ), taken AS MATERIALIZED (
        SELECT
            number,
            client,
            hurry,
            kind,
            CASE
                WHEN client = '' THEN reached
                ELSE before + greatest(
                    reached,
                    (
                        SELECT finish
                        FROM moment.turns
                        WHERE turns.client = admitted.client AND urgent = hurry AND output_kind = kind
                    )
                )
            END AS turn
        FROM admitted
        JOIN lines USING (hurry, kind)
    ), noted AS (
        INSERT INTO moment.turns AS known (client, urgent, output_kind, finish)
        SELECT client, hurry, kind, max(turn) + 1 FROM taken WHERE client <> '' GROUP BY client, hurry, kind
        ON CONFLICT (client, urgent, output_kind) DO UPDATE SET finish = greatest(known.finish, excluded.finish)
    )
    SELECT asked.number, taken.turn FROM asked LEFT JOIN taken USING (number) ORDER BY asked.number;
END
$function$;

-- The claim of this version; claim_jobs_2 stays for the workers of the version before. The reasons of its form are those
-- of 0007_failures. Jobs that were not begun (priority 0) go by turn, which jobs_turn has in its order: urgent ones,
-- then previews, then songs. Every fourth goes by age instead, so that nothing waits for ever; so does what has no turn.
-- A job whose deadline has passed is taken before all others, only to be ended.
CREATE FUNCTION moment.claim_jobs_3(
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
    cancel_requested boolean,
    deadline timestamptz
)
LANGUAGE plpgsql
SET enable_bitmapscan = off
SET enable_seqscan = off
SET enable_sort = off
SET jit = off -- what is off costs so much, by the planner's account, that it would compile the statements
AS $function$
#variable_conflict use_column
DECLARE
    every constant integer := 4;
    all_kinds boolean := true;
    levels smallint[] := '{1,0}';
    level smallint;
    hurry boolean;
    kind text;
    room integer;
    before integer;
    begun bigint;
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
    all_kinds := kinds @> '{preview,song}';
    IF EXISTS (SELECT FROM moment.jobs WHERE finished_at IS NULL AND priority > 1)
        OR EXISTS (SELECT FROM moment.jobs WHERE finished_at IS NULL AND priority < 0)
    THEN
        levels := ARRAY(SELECT DISTINCT priority FROM moment.jobs WHERE finished_at IS NULL ORDER BY priority DESC);
    END IF;
    picked := ARRAY(
        SELECT id
        FROM moment.jobs
        WHERE finished_at IS NULL
            AND deadline <= now()
            AND (lease_expires_at IS NULL OR lease_expires_at <= now())
            AND format <= newest_format
            AND (suspects OR (crashes = 0 AND lease_expires_at IS NULL))
            AND breaks <= most_breaks
        ORDER BY deadline
        LIMIT slots
        FOR UPDATE SKIP LOCKED
    );
    FOREACH level IN ARRAY levels LOOP
        room := slots - cardinality(picked);
        EXIT WHEN room <= 0;
        IF level = 0 THEN
            SELECT last_value INTO begun FROM moment.claims;
            room := (begun + room) / every - begun / every;
        END IF;
        before := cardinality(picked);
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
                AND id <> ALL (picked)
            ORDER BY run_at, id
            LIMIT room
            FOR UPDATE SKIP LOCKED
        );
        CONTINUE WHEN level <> 0 OR cardinality(picked) < before + room; -- no more is due, whatever its turn
        room := slots - cardinality(picked);
        IF all_kinds THEN
            picked := picked || ARRAY(
                SELECT id
                FROM moment.jobs
                WHERE finished_at IS NULL
                    AND priority = 0
                    AND turn < 'infinity'
                    AND run_at <= now()
                    AND (lease_expires_at IS NULL OR lease_expires_at <= now())
                    AND format <= newest_format
                    AND (suspects OR (crashes = 0 AND lease_expires_at IS NULL))
                    AND breaks <= most_breaks
                    AND id <> ALL (picked)
                ORDER BY urgent DESC, output_kind, turn, run_at, id
                LIMIT room
                FOR UPDATE SKIP LOCKED
            );
        ELSE
            FOREACH hurry IN ARRAY '{t,f}'::boolean[] LOOP -- line by line: no walk through those of other kinds
                FOREACH kind IN ARRAY kinds LOOP
                    picked := picked || ARRAY(
                        SELECT id
                        FROM moment.jobs
                        WHERE finished_at IS NULL
                            AND priority = 0
                            AND turn < 'infinity'
                            AND urgent = hurry
                            AND output_kind = kind
                            AND run_at <= now()
                            AND (lease_expires_at IS NULL OR lease_expires_at <= now())
                            AND format <= newest_format
                            AND (suspects OR (crashes = 0 AND lease_expires_at IS NULL))
                            AND breaks <= most_breaks
                            AND id <> ALL (picked)
                        ORDER BY turn, run_at, id
                        LIMIT slots - cardinality(picked)
                        FOR UPDATE SKIP LOCKED
                    );
                END LOOP;
            END LOOP;
        END IF;
        IF cardinality(picked) < slots THEN -- what has no turn, and what is only to be ended
            picked := picked || ARRAY(
                SELECT id
                FROM moment.jobs
                WHERE finished_at IS NULL
                    AND priority = 0
                    AND run_at <= now()
                    AND (lease_expires_at IS NULL OR lease_expires_at <= now())
                    AND format <= newest_format
                    AND (output_kind = ANY (kinds) OR cancel_requested OR queued_at < now() - max_age)
                    AND (suspects OR (crashes = 0 AND lease_expires_at IS NULL))
                    AND breaks <= most_breaks
                    AND id <> ALL (picked)
                ORDER BY run_at, id
                LIMIT slots - cardinality(picked)
                FOR UPDATE SKIP LOCKED
            );
        END IF;
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
            worker = claim_jobs_3.worker,
            updated_at = now()
        WHERE id = ANY (picked)
        RETURNING *, CASE WHEN priority = 0 THEN nextval('moment.claims') END
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
        cancel_requested,
        deadline
    FROM claimed
    ORDER BY array_position(picked, id);
END
$function$;

COMMENT ON FUNCTION moment.claim_jobs_2 IS 'The claim of the version before, for workers that are still to be replaced.';
COMMENT ON FUNCTION moment.claim_jobs_3 IS 'Leases due jobs to a worker, at most as many as it has slots free.';

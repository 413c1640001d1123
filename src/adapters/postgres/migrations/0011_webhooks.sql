-- Transitions are told to whoever asked for it. A trigger notes them, in the same statement as the transition: so do the
-- statements of the versions before, which know nothing of webhooks, and those that an operator types.
CREATE TABLE moment.webhook_secrets (
    owner text PRIMARY KEY,
    secret text NOT NULL,
    former_secret text,
    former_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE moment.webhook_secrets IS 'What the deliveries to an owner are signed with; those without one: a setting.';
COMMENT ON COLUMN moment.webhook_secrets.former_secret IS 'Signs as well until former_until, while it is replaced.';

CREATE TABLE moment.webhook_endpoints (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner text NOT NULL,
    url text NOT NULL,
    events text[],
    whole boolean NOT NULL DEFAULT false,
    disabled_at timestamptz,
    disabled_because text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    named_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, url)
);

-- Most owners have no endpoints: their jobs pay for one look at an index of a few rows, not for reading documents.
CREATE INDEX webhook_endpoints_of_owners ON moment.webhook_endpoints (owner) WHERE events IS NOT NULL;

COMMENT ON COLUMN moment.webhook_endpoints.events IS 'Of every job of the owner; NULL where only requests name it.';
COMMENT ON COLUMN moment.webhook_endpoints.whole IS 'Whether whole statuses are sent; of requests, they say so.';
COMMENT ON COLUMN moment.webhook_endpoints.named_at IS 'When a request last named it.';

CREATE TABLE moment.webhook_deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number bigint GENERATED ALWAYS AS IDENTITY,
    job_id uuid NOT NULL REFERENCES moment.jobs ON DELETE CASCADE,
    endpoint_id uuid NOT NULL,
    event text NOT NULL,
    occurred_at timestamptz NOT NULL,
    whole boolean NOT NULL DEFAULT false,
    due_at timestamptz NOT NULL,
    attempt smallint NOT NULL DEFAULT 0,
    lease_token integer NOT NULL DEFAULT 0,
    leased_until timestamptz,
    worker text,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
    settled_at timestamptz CHECK ((settled_at IS NULL) = (state = 'pending')),
    log jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

CREATE INDEX webhook_deliveries_due ON moment.webhook_deliveries (endpoint_id, due_at, number) WHERE settled_at IS NULL;
CREATE INDEX webhook_deliveries_leased ON moment.webhook_deliveries (endpoint_id) WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_deliveries_job ON moment.webhook_deliveries (job_id, number);
CREATE INDEX webhook_deliveries_settled ON moment.webhook_deliveries (settled_at) WHERE settled_at IS NOT NULL;

COMMENT ON TABLE moment.webhook_deliveries IS 'The outbox: an event of a job for an endpoint, until it is delivered and after.';
COMMENT ON COLUMN moment.webhook_deliveries.endpoint_id IS 'No foreign key: an endpoint that goes must not stop a transition.';
COMMENT ON COLUMN moment.webhook_deliveries.id IS 'The webhook-id: the same in each of its attempts.';
COMMENT ON COLUMN moment.webhook_deliveries.lease_token IS 'Grows with each claim; only the newest may settle it.';
COMMENT ON COLUMN moment.webhook_deliveries.log IS 'The last attempts: when, what was answered, how long it took.';

ALTER TABLE moment.jobs ADD COLUMN webhook jsonb;

COMMENT ON COLUMN moment.jobs.webhook IS 'What the request says: url, events, whole; NULL without a webhook.';

-- A flush may store several transitions at once: the history of the document has all of them. An event waits for those
-- of the same job that wait for another attempt, so that they arrive in order.
CREATE FUNCTION moment.note_transitions() RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    known integer := 0;
    states json := NEW.document -> 'history';
BEGIN
    IF NEW.webhook IS NULL
        AND NOT EXISTS (SELECT FROM moment.webhook_endpoints WHERE owner = NEW.owner AND events IS NOT NULL)
    THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND json_typeof(OLD.document -> 'history') = 'array' THEN
        known := json_array_length(OLD.document -> 'history');
    END IF;
    IF states IS NULL OR json_typeof(states) <> 'array' OR json_array_length(states) <= known THEN
        states := json_build_array(json_build_object('status', NEW.status, 'at', now()));
        known := 0;
    END IF;
    INSERT INTO moment.webhook_deliveries (job_id, endpoint_id, event, occurred_at, whole, due_at)
    SELECT
        NEW.id,
        wanted.endpoint_id,
        entered.event,
        entered.at,
        wanted.whole,
        greatest(least(entered.at, now()), waiting.due_at)
    FROM (
        SELECT
            concat_ws('.', 'moment', lower(state.value ->> 'status')),
            (state.value ->> 'at')::timestamptz,
            state.place
        FROM json_array_elements(states) WITH ORDINALITY AS state (value, place)
        WHERE state.place > known
    ) AS entered (event, at, place)
    CROSS JOIN (
        SELECT
            id,
            ARRAY(SELECT jsonb_array_elements_text(NEW.webhook -> 'events')),
            coalesce((NEW.webhook ->> 'whole')::boolean, false)
        FROM moment.webhook_endpoints
        WHERE owner = NEW.owner AND url = NEW.webhook ->> 'url' AND disabled_at IS NULL
        UNION ALL
        SELECT id, events, whole
        FROM moment.webhook_endpoints
        WHERE NEW.owner <> ''
            AND owner = NEW.owner
            AND url IS DISTINCT FROM NEW.webhook ->> 'url'
            AND events IS NOT NULL
            AND disabled_at IS NULL
    ) AS wanted (endpoint_id, events, whole)
    LEFT JOIN LATERAL (
        SELECT max(due_at)
        FROM moment.webhook_deliveries AS earlier
        WHERE earlier.job_id = NEW.id
            AND earlier.endpoint_id = wanted.endpoint_id
            AND earlier.settled_at IS NULL
            AND earlier.leased_until IS NULL
    ) AS waiting (due_at) ON true
    WHERE entered.event = ANY (wanted.events)
    ORDER BY entered.place;
    RETURN NULL;
END
$function$;

COMMENT ON FUNCTION moment.note_transitions IS 'Notes the states that a job has entered for the webhooks that want them.';

-- The conditions are judged without calling the function: jobs without a webhook and without an owner pay next to nothing.
CREATE TRIGGER note_first_state AFTER INSERT ON moment.jobs
FOR EACH ROW WHEN (NEW.webhook IS NOT NULL OR NEW.owner <> '')
EXECUTE FUNCTION moment.note_transitions();

CREATE TRIGGER note_transitions AFTER UPDATE OF status ON moment.jobs
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status AND (NEW.webhook IS NOT NULL OR NEW.owner <> ''))
EXECUTE FUNCTION moment.note_transitions();

-- It goes from endpoint to endpoint, from a random one on, and looks at no more than 256: so a claim costs the same
-- whatever waits. With the lock of an endpoint it sees, in a statement of its own, everything that others have claimed
-- there; endpoints that others hold are theirs.
CREATE FUNCTION moment.claim_deliveries(
    worker text, lease interval, slots integer, at_once integer, ownerless boolean
) RETURNS TABLE (
    id uuid,
    token integer,
    attempt integer,
    job_id uuid,
    event text,
    occurred_at timestamptz,
    whole boolean,
    endpoint_id uuid,
    url text,
    secret text,
    former_secret text,
    client_reference text,
    log text
)
LANGUAGE plpgsql
SET enable_bitmapscan = off -- statistics may be from before a backlog grew; see claim_jobs_2
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $function$
#variable_conflict use_column
DECLARE
    first constant uuid := gen_random_uuid();
    candidate uuid := first;
    due timestamptz;
    wrapped boolean := false;
    busy integer;
    taken integer;
BEGIN
    FOR step IN 1..256 LOOP
        EXIT WHEN slots <= 0;
        SELECT delivery.endpoint_id, delivery.due_at INTO candidate, due
        FROM moment.webhook_deliveries AS delivery
        WHERE delivery.settled_at IS NULL AND delivery.endpoint_id > candidate
        ORDER BY delivery.endpoint_id, delivery.due_at
        LIMIT 1;
        IF candidate IS NULL AND NOT wrapped THEN
            wrapped := true;
            candidate := '00000000-0000-0000-0000-000000000000';
            CONTINUE;
        END IF;
        EXIT WHEN candidate IS NULL OR (wrapped AND candidate > first);
        CONTINUE WHEN due > now();
        PERFORM
        FROM moment.webhook_endpoints AS endpoint
        WHERE endpoint.id = candidate AND endpoint.disabled_at IS NULL AND (ownerless OR endpoint.owner <> '')
        FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        SELECT count(*) INTO busy
        FROM moment.webhook_deliveries AS delivery
        WHERE delivery.endpoint_id = candidate AND delivery.leased_until > now();
        CONTINUE WHEN busy >= at_once;
        RETURN QUERY
        WITH next AS MATERIALIZED (
            SELECT delivery.id
            FROM moment.webhook_deliveries AS delivery
            WHERE delivery.endpoint_id = candidate
                AND delivery.settled_at IS NULL
                AND delivery.due_at <= now()
                AND NOT EXISTS (
                    SELECT
                    FROM moment.webhook_deliveries AS earlier
                    WHERE earlier.job_id = delivery.job_id
                        AND earlier.number < delivery.number
                        AND earlier.endpoint_id IS NOT DISTINCT FROM candidate -- a form that leads to the job's index
                        AND earlier.settled_at IS NULL
                )
                AND EXISTS (SELECT FROM moment.jobs WHERE jobs.id = delivery.job_id AND NOT jobs.expiring)
            ORDER BY delivery.due_at, delivery.number
            LIMIT least(at_once - busy, slots)
            FOR NO KEY UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE moment.webhook_deliveries AS delivery
            SET
                attempt = delivery.attempt + 1,
                lease_token = delivery.lease_token + 1,
                leased_until = now() + lease,
                due_at = now() + lease,
                worker = claim_deliveries.worker
            WHERE delivery.id = ANY (ARRAY(SELECT next.id FROM next))
            RETURNING *
        )
        SELECT
            claimed.id,
            claimed.lease_token,
            claimed.attempt::integer,
            claimed.job_id,
            claimed.event,
            claimed.occurred_at,
            claimed.whole,
            claimed.endpoint_id,
            endpoint.url,
            secrets.secret,
            CASE WHEN secrets.former_until > now() THEN secrets.former_secret END,
            jobs.client_reference,
            claimed.log::text
        FROM claimed
        JOIN moment.webhook_endpoints AS endpoint ON endpoint.id = claimed.endpoint_id
        JOIN moment.jobs ON jobs.id = claimed.job_id
        LEFT JOIN moment.webhook_secrets AS secrets ON secrets.owner = endpoint.owner
        ORDER BY claimed.occurred_at, claimed.number;
        GET DIAGNOSTICS taken = ROW_COUNT;
        slots := slots - taken;
    END LOOP;
END
$function$;

COMMENT ON FUNCTION moment.claim_deliveries IS 'Leases due deliveries to a worker: the oldest of each endpoint, few at once.';

-- Most owners have no endpoints: their jobs pay for one look at an index of a few rows, not for reading documents.
CREATE INDEX webhook_endpoints_of_owners ON moment.webhook_endpoints (owner) WHERE events IS NOT NULL;

CREATE OR REPLACE FUNCTION moment.note_transitions() RETURNS trigger
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

WITH gone AS (
    DELETE FROM moment.workers WHERE seen_at < now() - interval '1 hour' AND name <> $1
)
INSERT INTO moment.workers (name, version, host, slots, running, waiting_for)
VALUES ($1, $2, $3, $4, $5, $6::jsonb)
ON CONFLICT (name) DO UPDATE
SET slots = excluded.slots, running = excluded.running, waiting_for = excluded.waiting_for, seen_at = now()

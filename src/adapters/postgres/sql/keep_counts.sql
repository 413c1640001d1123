INSERT INTO moment.counts (counted_at, took, counts)
VALUES (now(), clock_timestamp() - now(), $1::jsonb)
ON CONFLICT ((true)) DO UPDATE SET
    counted_at = excluded.counted_at,
    took = excluded.took,
    counts = excluded.counts

-- The time of the next claim is the end of a lease, or of a pause before another try: the two cannot be told apart.
SELECT
    count(*) FILTER (WHERE failed_at IS NULL AND run_at <= now()) AS waiting,
    count(*) FILTER (WHERE failed_at IS NULL AND run_at > now()) AS running,
    coalesce(
        extract(epoch FROM now() - min(requested_at) FILTER (WHERE failed_at IS NULL AND run_at <= now())), 0
    )::float8 AS oldest_waiting,
    count(*) FILTER (WHERE failed_at > now() - interval '1 hour') AS failed_1h
FROM moment.conversions

-- By kind, how fast it is made. What was imported was not worked on. A worker that is silent for 30 s is gone.
WITH recent AS MATERIALIZED (
    SELECT output_kind, status, extract(epoch FROM worked)::float8 AS seconds
    FROM moment.jobs
    WHERE finished_at > now() - interval '1 day'
    ORDER BY finished_at DESC
    LIMIT 200
), present AS MATERIALIZED (
    SELECT slots, running, waiting_for FROM moment.workers WHERE seen_at > now() - interval '30 seconds'
)
SELECT
    kind,
    (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
        FROM recent
        WHERE output_kind = kind AND status = 'COMPLETED' AND seconds > 0
    ) AS seconds,
    (SELECT coalesce(sum(slots), 0)::integer FROM present WHERE NOT waiting_for ? kind) AS slots,
    (SELECT coalesce(sum(running), 0)::integer FROM present) AS running,
    EXISTS (SELECT FROM moment.pauses WHERE pauses.output_kind = kind) AS paused
FROM unnest($1::text[]) AS kind

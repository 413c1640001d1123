-- How many jobs there would be to count, up to a limit, and what was counted last.
SELECT
    (SELECT count(*) FROM (SELECT FROM moment.jobs WHERE finished_at IS NULL LIMIT $1) AS unfinished)
        + (
            SELECT count(*)
            FROM (SELECT FROM moment.jobs WHERE finished_at > now() - interval '1 day' LIMIT $1) AS finished
        ) AS jobs,
    last.counts::text AS counts,
    now() - last.counted_at AS age
FROM (VALUES (true)) AS one
LEFT JOIN moment.counts AS last ON true

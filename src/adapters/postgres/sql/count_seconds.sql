-- In the order of the owners, for the reason given in 0014_usage.
INSERT INTO moment.usage AS used (owner, month, seconds)
SELECT owner, date_trunc('month', now() AT TIME ZONE 'UTC'), sum(seconds)
FROM unnest($1::text[], $2::double precision[]) AS completed (owner, seconds)
GROUP BY owner
ORDER BY owner
ON CONFLICT (owner, month) DO UPDATE SET seconds = used.seconds + excluded.seconds

-- Notes the quota for those who insert meanwhile, unless it is noted already or used up: mostly it only reads.
WITH present AS (
    SELECT month, moments, seconds, most
    FROM moment.usage
    WHERE owner = $1 AND month = date_trunc('month', now() AT TIME ZONE 'UTC')
), opened AS (
    INSERT INTO moment.usage AS used (owner, month, most)
    SELECT $1, date_trunc('month', now() AT TIME ZONE 'UTC'), $2::integer
    WHERE NOT EXISTS (SELECT FROM present WHERE most IS NOT DISTINCT FROM $2 OR moments >= $2)
    ON CONFLICT (owner, month) DO UPDATE SET
        most = CASE WHEN used.moments >= excluded.most THEN used.most ELSE excluded.most END
    RETURNING month, moments, seconds
)
SELECT moments, seconds, (month + interval '1 month') AT TIME ZONE 'UTC' - now() AS rest
FROM (
    SELECT month, moments, seconds FROM opened
    UNION ALL
    SELECT month, moments, seconds FROM present
) AS found
LIMIT 1

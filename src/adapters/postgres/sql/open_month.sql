-- Notes the quota for those who insert meanwhile, unless it is used up, and returns what was used.
INSERT INTO moment.usage AS used (owner, month, most)
VALUES ($1, date_trunc('month', now() AT TIME ZONE 'UTC'), $2)
ON CONFLICT (owner, month) DO UPDATE SET
    most = CASE WHEN used.moments >= excluded.most THEN used.most ELSE excluded.most END
RETURNING moments, seconds, (month + interval '1 month') AT TIME ZONE 'UTC' - now() AS rest

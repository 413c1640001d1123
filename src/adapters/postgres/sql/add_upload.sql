-- A client may have a few that are unused. Two requests at once may both find room: that is one too many, and no more.
INSERT INTO moment.uploads (id, owner, client, size, mime_type, filename)
SELECT $1, $2, $3::text, $4, $5, $6
WHERE $3::text = '' OR $7::integer > (
    SELECT count(*)
    FROM (
        SELECT FROM moment.uploads
        WHERE client = $3::text AND job_id IS NULL AND created_at > now() - $8::interval
        LIMIT $7::integer
    ) AS unused
)
RETURNING id

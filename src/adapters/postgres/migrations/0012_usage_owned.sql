-- The table of what owners use is touched for owners alone: a role of an older api may have no rights to it yet.
CREATE OR REPLACE FUNCTION moment.count_moments() RETURNS trigger
LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (SELECT FROM added WHERE owner <> '') THEN
        INSERT INTO moment.usage AS used (owner, month, moments)
        SELECT owner, date_trunc('month', now() AT TIME ZONE 'UTC'), count(*)
        FROM added
        WHERE owner <> ''
        GROUP BY owner
        ORDER BY owner
        ON CONFLICT (owner, month) DO UPDATE SET moments = used.moments + excluded.moments;
    END IF;
    RETURN NULL;
END
$function$;

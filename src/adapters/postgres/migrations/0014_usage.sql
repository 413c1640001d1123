-- Owners' jobs are counted where they are inserted, whoever inserts them: in the same statement, and each once, since a
-- request that is tried again inserts nothing.
ALTER TABLE moment.usage
    ADD COLUMN most integer,
    ADD CONSTRAINT usage_within_quota CHECK (moments <= most);

COMMENT ON COLUMN moment.usage.most IS 'The quota of moments as of the last request; NULL: none.';

ALTER TABLE moment.jobs ADD COLUMN style text NOT NULL DEFAULT '';

COMMENT ON COLUMN moment.jobs.style IS 'The style by its name, as it was understood; empty in rows of older versions.';

-- In the order of the owners: two statements that count the same ones do not wait for each other in a circle.
-- The table of what owners use is touched for owners alone: a role of an older api may have no rights to it yet.
CREATE FUNCTION moment.count_moments() RETURNS trigger
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

CREATE TRIGGER count_moments AFTER INSERT ON moment.jobs
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION moment.count_moments();

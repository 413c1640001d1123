-- Not IF NOT EXISTS, which needs the right to create schemas even if this one exists.
DO $$
BEGIN
    IF to_regnamespace('moment') IS NULL THEN
        CREATE SCHEMA moment;
    END IF;
END
$$

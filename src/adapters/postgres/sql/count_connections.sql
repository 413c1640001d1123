-- Every role may read these columns; `backend_type` is NULL for the sessions of others.
SELECT
    LEAST(
        current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
            - COALESCE(current_setting('reserved_connections', true), '0')::integer, -- since Postgres 16
        (SELECT NULLIF(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT NULLIF(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    ) AS granted,
    count(*) FILTER (WHERE application_name NOT LIKE 'moment%') AS others,
    count(DISTINCT application_name) FILTER (WHERE application_name LIKE 'moment api %') AS apis,
    count(DISTINCT application_name) FILTER (WHERE application_name LIKE 'moment worker %') AS workers
FROM pg_stat_activity
WHERE usesysid IS NOT NULL AND COALESCE(backend_type, 'client backend') = 'client backend'

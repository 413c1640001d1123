-- The processes of the server that listen for workers of this database. Every role may read these columns.
SELECT pid
FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'moment listener %'

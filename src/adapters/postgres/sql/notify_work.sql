-- The payload says for how many jobs, see fleet.py. Older workers ignore it.
SELECT pg_notify('moment_work', $1)

SELECT pg_notify('moment_changes', $1)

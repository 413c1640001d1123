-- One process counts, and the others wait for what it finds.
SELECT pg_advisory_xact_lock(7310580162440911970)

-- Until the end of the transaction: a migrator that dies lets go, and a transaction pooler does not mind.
SELECT pg_advisory_xact_lock(7310580162440911969)

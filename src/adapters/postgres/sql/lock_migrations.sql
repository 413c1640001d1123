-- Held until the end of the transaction: a migrator that dies releases it, and it works through a transaction pooler.
SELECT pg_advisory_xact_lock(7310580162440911969)

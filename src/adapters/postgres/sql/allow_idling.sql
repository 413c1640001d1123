-- The transaction that holds the lock of migrations waits while another connection builds an index.
SET LOCAL idle_in_transaction_session_timeout = 0

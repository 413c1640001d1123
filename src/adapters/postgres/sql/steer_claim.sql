-- Until the end of the transaction. With statistics from before a backlog grew, the planner takes the few rows that it
-- expects by bitmap and sorts them: all of the backlog, for each claim. Without bitmaps it walks the index in its order.
-- And the server undoes the transaction of a client that vanished within it, which would lock its jobs for hours.
SELECT
    set_config('enable_bitmapscan', 'off', true),
    set_config('idle_in_transaction_session_timeout', '30s', true)

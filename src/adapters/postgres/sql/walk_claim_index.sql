-- For list_waiting.sql: the settings of the claim, for its reasons (0003_claim, 0007_failures), until the transaction ends.
SELECT
    set_config('enable_bitmapscan', 'off', true),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true),
    set_config('jit', 'off', true)

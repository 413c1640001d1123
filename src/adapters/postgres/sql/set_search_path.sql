-- For the first four migrations, which name their tables without a schema. Until the end of the transaction.
SELECT set_config('search_path', $1, true)

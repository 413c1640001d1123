-- A statement that waits for a table makes every later reader of the table wait behind it.
SET LOCAL lock_timeout = '2s'

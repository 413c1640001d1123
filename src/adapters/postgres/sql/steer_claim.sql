-- Until the end of the transaction. With statistics from before a backlog grew, the planner takes the few rows that it
-- expects by bitmap and sorts them: all of the backlog, for each claim. Without bitmaps it walks the index in its order.
SET LOCAL enable_bitmapscan = off

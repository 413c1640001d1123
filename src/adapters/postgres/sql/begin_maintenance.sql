UPDATE moment.chores
SET due_at = now() + $1::interval
WHERE name = 'housekeeping' AND due_at <= now()
RETURNING cursor, now() AS now, due_at

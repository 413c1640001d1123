-- Whoever has set another time since has begun another round.
UPDATE moment.chores
SET cursor = $1, due_at = now() + $2::interval
WHERE name = 'housekeeping' AND due_at = $3

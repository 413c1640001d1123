-- Retention takes the oldest first: this one is removed in its next round, objects and row.
UPDATE moment.jobs
SET expiring = true, finished_at = '-infinity', updated_at = now()
WHERE id = $1 AND finished_at IS NOT NULL AND NOT expiring
RETURNING id

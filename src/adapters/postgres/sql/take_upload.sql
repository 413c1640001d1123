-- A request that is tried again with the same job has it again.
UPDATE moment.uploads SET job_id = $2 WHERE id = $1 AND (job_id IS NULL OR job_id = $2) RETURNING id

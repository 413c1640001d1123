UPDATE moment.uploads SET job_id = NULL WHERE id = $1 AND job_id = $2

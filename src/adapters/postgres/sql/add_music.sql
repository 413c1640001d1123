UPDATE moment.jobs SET document = $2, version = $3, format = $4, updated_at = now() WHERE id = $1

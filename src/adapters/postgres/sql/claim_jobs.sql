SELECT * FROM moment.claim_jobs_2($1, $2, $3, $4, $5, $6, $7, $8)

SELECT * FROM moment.claim_jobs_3($1, $2, $3, $4, $5, $6, $7, $8)

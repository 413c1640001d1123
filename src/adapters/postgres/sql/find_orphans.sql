SELECT job_id, seen_at, accepted FROM moment.orphans WHERE job_id = ANY ($1::uuid[])

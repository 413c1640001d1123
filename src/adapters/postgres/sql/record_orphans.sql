INSERT INTO moment.orphans (job_id, accepted)
SELECT unnest($1::uuid[]), $2
ON CONFLICT (job_id) DO UPDATE SET accepted = true WHERE excluded.accepted

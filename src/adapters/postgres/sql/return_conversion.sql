UPDATE moment.conversions
SET run_at = now() + $4::interval, errors = errors - CASE WHEN $5 THEN 0 ELSE 1 END
WHERE job_id = $1 AND output_format = $2 AND attempt = $3 AND failed_at IS NULL

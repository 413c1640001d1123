UPDATE moment.conversions
SET failed_at = now(), reason = $4
WHERE job_id = $1 AND output_format = $2 AND attempt = $3

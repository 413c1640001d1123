DELETE FROM moment.conversions WHERE job_id = $1 AND output_format = $2 AND attempt = $3 RETURNING job_id

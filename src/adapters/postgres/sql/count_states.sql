-- Unfinished jobs by state, and those that failed within a day by their code.
SELECT status, '' AS reason, count(*) AS jobs
FROM moment.jobs
WHERE finished_at IS NULL
GROUP BY status
UNION ALL
SELECT status, reason, count(*) AS jobs
FROM moment.jobs
WHERE finished_at > now() - interval '1 day' AND status = 'FAILED' AND reason <> ''
GROUP BY status, reason

SELECT * FROM moment.workers WHERE seen_at > now() - interval '30 seconds' ORDER BY started_at, name

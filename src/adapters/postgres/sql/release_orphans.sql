-- Entries of objects that somebody else has deleted end after a year: no sweep takes so long.
DELETE FROM moment.orphans WHERE job_id = ANY ($1::uuid[]) OR seen_at < now() - interval '1 year'

SELECT owner, size, mime_type, filename FROM moment.uploads WHERE id = $1 AND created_at > now() - $2::interval

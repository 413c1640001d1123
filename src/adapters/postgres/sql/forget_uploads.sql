DELETE FROM moment.uploads WHERE id = ANY ($1::uuid[])

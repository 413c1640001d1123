SELECT id, document FROM jobs WHERE id = ANY ($1::uuid[])

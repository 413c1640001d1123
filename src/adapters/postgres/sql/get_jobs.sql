SELECT id, document, progress FROM jobs WHERE id = ANY ($1::uuid[])

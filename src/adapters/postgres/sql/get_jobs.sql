SELECT id, document, progress FROM moment.jobs WHERE id = ANY ($1::uuid[])

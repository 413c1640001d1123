SELECT id, document FROM moment.jobs WHERE id = ANY ($1::uuid[])

SELECT id, owner FROM moment.jobs WHERE id = ANY ($1::uuid[])

SELECT id, version, progress FROM moment.jobs WHERE id = ANY ($1::uuid[]) AND NOT expiring

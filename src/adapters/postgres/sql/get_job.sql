SELECT document, progress FROM jobs WHERE id = $1

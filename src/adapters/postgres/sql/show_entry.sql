SELECT *, now() AS now FROM jobs WHERE id = $1

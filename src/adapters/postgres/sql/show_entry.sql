SELECT *, now() AS now FROM moment.jobs WHERE id = $1

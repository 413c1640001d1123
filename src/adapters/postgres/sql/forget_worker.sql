DELETE FROM moment.workers WHERE name = $1

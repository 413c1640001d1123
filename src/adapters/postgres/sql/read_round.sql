SELECT cursor, now() AS now, due_at FROM moment.chores WHERE name = 'housekeeping'

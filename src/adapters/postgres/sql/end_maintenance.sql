UPDATE moment.chores SET cursor = $1 WHERE name = 'housekeeping'

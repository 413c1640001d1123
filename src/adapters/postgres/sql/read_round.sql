SELECT cursor, now() AS now FROM moment.chores WHERE name = 'housekeeping'

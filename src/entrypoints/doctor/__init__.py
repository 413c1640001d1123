"""`moment doctor`: is everything configured, is everything reachable, and what mends what is not."""

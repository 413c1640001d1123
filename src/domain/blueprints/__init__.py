"""The blueprint: the plan of a moment, its completion from a hum, and the composer's brief that it becomes."""

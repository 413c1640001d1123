"""The blueprint: the plan of a moment, and how it is completed from a hum."""

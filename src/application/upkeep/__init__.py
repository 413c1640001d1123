"""Upkeep of the queue: retries by the operator, and the workers' housekeeping."""

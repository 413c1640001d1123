"""A job: its states, its results, its retries."""

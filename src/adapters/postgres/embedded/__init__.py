"""A Postgres server that this machine runs itself."""

"""Jobs and their queue in Postgres."""

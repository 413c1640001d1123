"""The embedded Postgres server of `moment up`."""

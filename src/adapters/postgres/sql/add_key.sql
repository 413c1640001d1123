INSERT INTO moment.api_keys (
    id, prefix, digest, owner, name, scopes, may_hurry, waiting, moments_per_month, seconds_per_month, created_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

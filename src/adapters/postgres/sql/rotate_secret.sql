INSERT INTO moment.webhook_secrets AS held (owner, secret)
VALUES ($1, $2)
ON CONFLICT (owner) DO UPDATE
SET former_secret = held.secret, former_until = now() + $3::interval, secret = excluded.secret, created_at = now()

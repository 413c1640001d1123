INSERT INTO moment.webhook_secrets (owner, secret) VALUES ($1, $2) ON CONFLICT (owner) DO NOTHING RETURNING owner

UPDATE moment.shares SET stored = true WHERE digest = $1 AND NOT revoked RETURNING digest

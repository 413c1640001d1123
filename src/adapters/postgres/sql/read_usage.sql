SELECT owner, month, moments, seconds FROM moment.usage WHERE owner = $1 ORDER BY month DESC LIMIT $2

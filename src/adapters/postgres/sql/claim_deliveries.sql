SELECT * FROM moment.claim_deliveries($1, $2, $3, $4, $5)

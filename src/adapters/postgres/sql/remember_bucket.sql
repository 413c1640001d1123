UPDATE moment.installation SET bucket = $1 WHERE bucket IS DISTINCT FROM $1

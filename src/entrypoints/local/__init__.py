"""Everything on one machine: `moment up` and the processes that it supervises."""

"""What a worker does: claim jobs, run their stages, keep their leases."""

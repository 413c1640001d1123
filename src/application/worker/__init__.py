"""The worker: claims jobs, runs their stages, keeps their leases."""

"""Webhooks: what is told to others about a job, and how often it is tried."""

"""Keeping the queue in order: what the operator does, and what the workers do beside their jobs."""

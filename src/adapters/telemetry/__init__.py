"""Listeners to what the service reports about itself."""

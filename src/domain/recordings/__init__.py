"""Recordings: their media types."""

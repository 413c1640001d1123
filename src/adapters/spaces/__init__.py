"""Object storage in DigitalOcean Spaces or any other S3-compatible service."""

from adapters.spaces.store import SpacesStore, open_spaces

__all__ = ["SpacesStore", "open_spaces"]

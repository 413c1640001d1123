"""Object storage in DigitalOcean Spaces, or anything else that speaks S3."""

from adapters.spaces.store import SpacesStore, open_spaces

__all__ = ["SpacesStore", "open_spaces"]

"""Object storage in a local folder, with signed URLs that the API serves: the default without configuration."""

from adapters.filesystem.store import FilesystemStore

__all__ = ["FilesystemStore"]

"""Object storage in a folder, with signed URLs that the API serves: the embedded default."""

from adapters.filesystem.store import FilesystemStore

__all__ = ["FilesystemStore"]

"""The composition root: a synchronous graph of objects over resources that are already open."""

from entrypoints.container.graph import Container
from entrypoints.container.opening import open_container

__all__ = ["Container", "open_container"]

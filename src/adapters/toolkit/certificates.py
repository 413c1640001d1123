"""Certificate authorities of the environment: whom our clients trust, whatever library they use.

A file that cannot be used is reported and left out: it must not end a process that may never need it.

Source: OpenSSL, SSL_CTX_set_default_verify_paths(3).
"""

import os
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import certifi

from adapters.toolkit.unusable import Unusable

FILES: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Each names a file of authorities that replaces the usual ones; the first that can be used counts."""

FOLDER: Final = "SSL_CERT_DIR"


def trusted_authorities() -> ssl.SSLContext:
    """Return a context for clients that verifies servers.

    It trusts what `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or `SSL_CERT_DIR` name; else the public authorities, and those
    of the system.
    """
    named = (os.environ.get(name, "") for name in FILES)
    bundle = next((path for path in named if path and not _file_problem(path)), "")
    folder = os.environ.get(FOLDER, "")
    return _context(bundle, folder if folder and Path(folder).is_dir() else "")


@cache
def public_authorities() -> ssl.SSLContext:
    """Return a context that trusts what browsers trust anywhere, whatever the environment says."""
    return ssl.create_default_context(cafile=certifi.where())


def authorities_in_force() -> Iterator[str]:
    """Yield the names of the variables that connections obey."""
    faulty = {problem.name for problem in unusable_authorities()}
    yield from (name for name in (*FILES, FOLDER) if os.environ.get(name) and name not in faulty)


def unusable_authorities() -> Iterator[Unusable]:
    """Yield the variables that have no effect."""
    for name in FILES:
        if (path := os.environ.get(name)) and (problem := _file_problem(path)):
            yield Unusable(name, problem, f"set {name} to a file of certificates in PEM format, or remove it")
    if (path := os.environ.get(FOLDER)) and not Path(path).is_dir():
        yield Unusable(FOLDER, f"{path} is not a folder", f"correct {FOLDER}, or remove it")


@cache
def _context(bundle: str, folder: str) -> ssl.SSLContext:
    """Return a context, made once: reading a bundle takes longer than a request."""
    if bundle or folder:
        is_folder = Path(bundle).is_dir()  # requests admits one
        return ssl.create_default_context(
            cafile=None if is_folder else bundle or None, capath=folder or (bundle if is_folder else None)
        )
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


def _file_problem(path: str) -> str:
    if Path(path).is_dir():
        return ""
    try:
        Path(path).read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return f"{path} contains no certificate"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return ""

"""The certificates that a database URL names, or that lie in the user's home."""

import os
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from adapters.postgres.dsn import Dsn, InvalidDatabaseUrl

_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


def check_files(dsn: Dsn) -> None:
    """Check the certificates that a URL names.

    The driver would report a missing file as if the server were not there.

    Raises:
        InvalidDatabaseUrl: A file cannot be read, or there is no certificate authority to verify the server with.
    """
    options = dict(parse_qsl(urlsplit(dsn.url).query))
    if options.get("sslmode") == "disable":
        return
    for name in _FILES:
        try:
            Path(options.get(name, os.devnull)).read_bytes()
        except OSError as error:
            raise InvalidDatabaseUrl(f"the database URL's {name} cannot be read: {error.strerror}") from None
    _check_authority(options)


def _check_authority(options: dict[str, str]) -> None:
    if file := options.get("sslrootcert"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except ssl.SSLError:
            raise InvalidDatabaseUrl("the database URL's sslrootcert names a file without a certificate") from None
    elif options.get("sslmode", "").startswith("verify-"):
        with suppress(OSError, RuntimeError):  # no such file; no home
            (Path.home() / ".postgresql" / "root.crt").read_bytes()  # where libpq and the driver look for it
            return
        raise InvalidDatabaseUrl(f"the database URL's sslmode={options['sslmode']} needs sslrootcert=<file>")

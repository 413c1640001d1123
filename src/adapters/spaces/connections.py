"""How the S3 client connects: by our settings, whatever the environment and `~/.aws` say about AWS.

They are for other programs of this machine or user. A profile, an endpoint or a certificate bundle of theirs would
change where our requests go, or end the process.
"""

import os
import ssl
from functools import cache
from pathlib import Path
from typing import Final

import botocore
from aiobotocore.httpsession import AIOHTTPSession
from aiobotocore.session import AioSession, get_session
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.loaders import Loader

from adapters.toolkit.certificates import trusted_authorities
from adapters.toolkit.proxies import proxy_for

_FILES: Final = ("config_file", "credentials_file")
_SECTIONS: Final = ("s3", "proxies_config")
"""What botocore reads in a section of the file, and of variables that are in no list."""


class HttpSession(AIOHTTPSession):  # type: ignore[misc] # has no types
    """botocore's HTTP client, with the certificate authorities that all our parts trust."""

    def _build_verify_context(self) -> ssl.SSLContext:
        return trusted_authorities()


def proxies(url: str) -> dict[str, str]:
    """Return botocore's `proxies` for an endpoint: empty to go there directly."""
    proxy = proxy_for(url)
    return {"http": proxy, "https": proxy} if proxy else {}


@cache
def session() -> AioSession:
    """Return the session of this process: loading its model of S3 is most of the cost of opening a client.

    Every variable that botocore would look up has its default.
    """
    made = get_session()
    lookup = made.get_component("config_store")  # the session's own method cannot set None
    for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        lookup.set_config_variable(name, os.devnull if name in _FILES else default)
    for name in _SECTIONS:
        lookup.set_config_variable(name, None)
    shipped = str(Path(botocore.__file__).parent / "data")  # and none of `~/.aws/models`
    models = Loader(extra_search_paths=[shipped], include_default_search_paths=False)
    made.register_component("data_loader", models)
    return made

"""Signatures of webhooks, as Standard Webhooks has them: HMAC-SHA-256 over id, timestamp and body."""

import base64
import binascii
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
LEAST_BYTES: Final = 24
MOST_BYTES: Final = 64
"""The bounds of the specification."""


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_secret(secret: str) -> None:
    """Check the form of a secret: `whsec_` and 24 to 64 bytes in base64.

    Raises:
        ValueError: It has another one.
    """
    if not secret.startswith(PREFIX):
        raise ValueError(f"it does not begin with {PREFIX}")
    try:
        size = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True))
    except binascii.Error:
        raise ValueError(f"what follows {PREFIX} is not base64") from None
    if not LEAST_BYTES <= size <= MOST_BYTES:
        raise ValueError(f"it has {size} bytes, not {LEAST_BYTES} to {MOST_BYTES}")


def signed_headers(secrets: Sequence[str], message_id: str, now: datetime, body: str) -> dict[str, str]:
    """Return the headers of a webhook; with several secrets, each of them signs."""
    from standardwebhooks import Webhook  # noqa: PLC0415 - workers that send no webhooks do without

    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message_id, now, body) for secret in secrets),
    }

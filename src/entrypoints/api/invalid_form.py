"""What is wrong with the body of a request as a whole."""

from application.moments.request_fields import FIELDS
from domain.errors import MomentError


class InvalidForm(MomentError):
    """An invalid form: `form_invalid`, `field_too_large` or `upload_too_large`."""

    permanent = True


def require_size(name: str, size: int) -> None:
    """Raise `InvalidForm` if a field has more bytes than it may have."""
    if size > (most := FIELDS[name].max_bytes):
        raise InvalidForm(f"{name} is larger than {most} bytes", code="field_too_large")

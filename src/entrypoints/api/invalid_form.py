"""What is wrong with the body of a request as a whole."""

from domain.errors import MomentError


class InvalidForm(MomentError):
    """An invalid form: `form_invalid`, `file_missing`, `field_too_large` or `upload_too_large`."""

    permanent = True

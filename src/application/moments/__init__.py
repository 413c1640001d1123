"""The use cases of the API: submit, read and cancel a moment."""

"""What the API does: submit, read, cancel."""

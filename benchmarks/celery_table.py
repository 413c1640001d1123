"""The table of the Celery version."""

from typing import Final

CREATE_TABLE: Final = """
CREATE TABLE legacy_jobs (
    id uuid PRIMARY KEY,
    status text NOT NULL,
    original_key text NOT NULL,
    blueprint json,
    final_key text,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
)
"""

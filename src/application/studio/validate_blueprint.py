"""Validate a blueprint."""

from domain.blueprints.validation import parse
from domain.errors import InvalidBlueprint


def validate_blueprint(document: object) -> list[str]:
    """Return `/path: message` for every problem; an empty list if the blueprint is valid and complete."""
    try:
        parse(document)
    except InvalidBlueprint as error:
        return [f"{problem.pointer or '/'}: {problem.message}" for problem in error.problems]
    return []

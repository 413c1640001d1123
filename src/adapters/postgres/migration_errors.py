"""Why a migration is not applied."""

from domain.errors import MomentError


class MigrationChanged(MomentError):
    """An applied migration differs from the shipped one: the schema is not what the code expects."""

    code = "migration_changed"
    permanent = True

    def __init__(self, name: str) -> None:
        super().__init__(f"the migration {name} was changed after it was applied")


class MigrationBlocked(MomentError):
    """Other sessions kept the locks that a migration needs; it has changed nothing."""

    code = "migration_blocked"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the migration {name} was given up: another session holds a lock that it needs; "
            "end long transactions and run it again"
        )


class MigrationDenied(MomentError):
    """The role may not change the schema."""

    code = "migration_denied"
    permanent = True

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"the migration {name} was denied: {reason}; "
            "connect as a role that owns the tables and may create in the schema, or create the schema for it"
        )

"""Write the secrets of this installation into volumes: what the environment gives, else what is there, else new ones.

Each folder is a volume that only those containers mount who need it. What Postgres and the object store read belongs to
other users in their images, so it is readable to all in there; the rest is for our own user.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

HOME = Path("/run/moment")
OURS, POSTGRES, STORE = HOME / "secrets", HOME / "postgres", HOME / "store"
PRIVATE, SHARED = 0o400, 0o444
BYTES = 32


def main() -> None:
    """Write all files; those that are there stay, unless the environment has another value."""
    password = kept(POSTGRES / "password", "POSTGRES_PASSWORD", SHARED)
    write(OURS / "database_url", f"postgresql://moment:{quote(password, safe='')}@postgres:5432/moment", PRIVATE)
    kept(OURS / "mcp_token", "MCP_AUTH_TOKEN", PRIVATE)
    for name, variable in (("key", "DO_SPACES_KEY"), ("secret", "DO_SPACES_SECRET")):
        write(OURS / f"store_{name}", kept(STORE / name, variable, SHARED), PRIVATE)


def kept(path: Path, variable: str, mode: int) -> str:
    """Return the secret in a file, after the variable's value or a new one was written into it."""
    value = os.environ.get(variable, "").strip() or (path.read_text() if path.exists() else secrets.token_hex(BYTES))
    write(path, value, mode)
    return value


def write(path: Path, text: str, mode: int) -> None:
    """Replace a file, so that readers find the old text or the new one."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    draft.replace(path)


main()

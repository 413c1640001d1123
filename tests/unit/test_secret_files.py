"""Secrets may be in files, as for Docker's official images; nothing shows what is in them."""

from base64 import b64encode
from pathlib import Path

import pytest

from entrypoints.doctor.redaction import redactor
from entrypoints.settings import InvalidSettings, load, secret_names

WEBHOOK_SECRET = "whsec_" + b64encode(bytes(32)).decode()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("open sesame\n")
    return path


def test_every_secret_may_be_in_a_file(tmp_path: Path) -> None:
    texts = dict.fromkeys(secret_names(), "text") | {
        "DATABASE_URL": "postgresql://me:hush@db/x",
        "DATABASE_DIRECT_URL": "postgresql://me:hush@db/y",
        **dict.fromkeys(("WEBHOOK_SECRET", "WEBHOOK_SECRET_FORMER"), WEBHOOK_SECRET),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(f"{text}\n")
    environment = {f"{name}_FILE": str(tmp_path / name) for name in texts}
    settings = load({**environment, "DO_SPACES_BUCKET": "b", "DO_SPACES_REGION": "r"}, tmp_path)
    assert settings.database is not None
    assert settings.database.url == "postgresql://me:hush@db/x"
    assert settings.spaces is not None
    assert (settings.spaces.key, settings.spaces.secret, settings.mcp_token) == ("text", "text", "text")


def test_a_path_begins_at_the_folder_of_the_settings(token: Path) -> None:
    (token.parent / ".env").write_text("MCP_AUTH_TOKEN_FILE=token\n")
    assert load({}, token.parent).mcp_token == "open sesame"


def test_the_environment_wins_over_the_file_of_settings_in_either_way(token: Path) -> None:
    (token.parent / ".env").write_text("MCP_AUTH_TOKEN=of the file\n")
    assert load({"MCP_AUTH_TOKEN_FILE": "token"}, token.parent).mcp_token == "open sesame"
    (token.parent / ".env").write_text("MCP_AUTH_TOKEN_FILE=token\n")
    assert load({"MCP_AUTH_TOKEN": "mine"}, token.parent).mcp_token == "mine"
    assert load({"MCP_AUTH_TOKEN": ""}, token.parent).mcp_token == "open sesame"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"MCP_AUTH_TOKEN": "mine", "MCP_AUTH_TOKEN_FILE": "token"}, "MCP_AUTH_TOKEN and MCP_AUTH_TOKEN_FILE are both"),
        ({"MCP_AUTH_TOKEN_FILE": "missing"}, "MCP_AUTH_TOKEN_FILE: .* cannot be read: No such file"),
        ({"DATABASE_URL_FILE": "/"}, "DATABASE_URL_FILE: .* cannot be read"),
        ({"DATABASE_URL_FILE": "token"}, "DATABASE_URL: the database URL must begin with"),
    ],
)
def test_mistakes_name_the_variable(token: Path, environment: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidSettings, match=message) as wrong:
        load(environment, token.parent)
    assert "open sesame" not in wrong.value.message


def test_doctor_prints_nothing_of_such_a_file(token: Path) -> None:
    redact = redactor({"MCP_AUTH_TOKEN_FILE": str(token)}, token.parent)
    assert redact("Bearer open sesame") == "Bearer ***"

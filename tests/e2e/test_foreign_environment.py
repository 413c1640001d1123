"""The service in the environment and the folder of other programs: nothing of them ends it, changes it, or is run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.spaces import SpacesStore
from tests.support.http_proxy import http_proxy
from tests.support.s3 import S3Server
from tests.support.up import HUM, unconfigured

SECONDS = 120

CONNECTIONS = {
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "all_proxy": "socks5h://127.0.0.1:9",
    "SSL_CERT_FILE": "/not/there.pem",
    "SSL_CERT_DIR": "/not/there",
    "REQUESTS_CA_BUNDLE": "/not/there.pem",
}
POSTGRES = {
    "PGHOST": "db.invalid",
    "PGPORT": "6543",
    "PGUSER": "nobody",
    "PGPASSWORD": "hush",
    "PGDATABASE": "another",
    "PGDATA": "/not/there",
    "PGOPTIONS": "-c search_path=nowhere -c default_transaction_read_only=on",
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": "/not/there.pem",
    "PGSSLNEGOTIATION": "direct",
    "PGTARGETSESSIONATTRS": "standby",
    "PGSERVICE": "another",
    "PGCLIENTENCODING": "LATIN1",
    "PGTZ": "Nowhere/None",
    "PGDATESTYLE": "nonsense",
}
LOCALE = {"LANG": "xx_XX.UTF-8", "LC_ALL": "xx_XX.UTF-8", "LC_CTYPE": "xx_XX.ISO-8859-1", "LANGUAGE": "xx"}
AWS = {
    "AWS_PROFILE": "nobody",
    "AWS_DEFAULT_PROFILE": "nobody",
    "AWS_ACCESS_KEY_ID": "another",
    "AWS_SECRET_ACCESS_KEY": "another",
    "AWS_SESSION_TOKEN": "another",
    "AWS_REGION": "nowhere-1",
    "AWS_DEFAULT_REGION": "nowhere-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_CA_BUNDLE": "/not/there.pem",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_DEFAULTS_MODE": "nonsense",
    "AWS_DATA_PATH": "/not/there",
    "AWS_S3_USE_ARN_REGION": "maybe",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_supported",
}
AWS_FILE = """
[default]
region = nowhere-1
endpoint_url = http://127.0.0.1:9
ca_bundle = /not/there.pem
request_checksum_calculation = nonsense
s3 =
    addressing_style = virtual
    use_accelerate_endpoint = true
"""


def moment(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("moment")), *map(str, arguments)],
        cwd=folder,
        env={**unconfigured(), **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Provide a working folder whose modules have our names, and note in `run` when they are imported."""
    note = f"open({str(tmp_path / 'run')!r}, 'a').write(__name__ + '\\n')\n"
    for package in ("domain", "application", "adapters", "entrypoints"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(note)
    for module in ("secrets", "anyio", "cli", "sitecustomize", "numpy"):
        (tmp_path / f"{module}.py").write_text(note)
    return tmp_path


def test_a_demo_in_the_environment_of_others(folder: Path) -> None:
    with http_proxy({}) as proxy:
        proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy.url)
        foreign = {**CONNECTIONS, **proxies, **POSTGRES, **LOCALE, **AWS}
        done = moment(folder, "demo", HUM, "--out", folder / "out", **foreign)
        assert done.returncode == 0, done.stderr
        assert proxy.requests == []
    assert (folder / "out" / "final.mp3").stat().st_size > 100_000
    assert not (folder / "run").exists()


@pytest.mark.anyio
async def test_the_store_is_what_our_settings_say(folder: Path, moto: S3Server, moto_store: SpacesStore) -> None:
    (folder / ".aws").mkdir()
    for name in ("config", "credentials"):
        (folder / ".aws" / name).write_text(AWS_FILE)
    ours = {
        "DO_SPACES_KEY": moto.key,
        "DO_SPACES_SECRET": moto.secret,
        "DO_SPACES_BUCKET": moto_store._bucket,
        "DO_SPACES_ENDPOINT": moto.endpoint,
    }
    done = moment(folder, "doctor", "--json", HOME=str(folder), **ours, **AWS)
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    probes = ("bucket write", "bucket read", "signed GET", "signed PUT", "bucket delete")
    assert {name: checks[name]["verdict"] for name in probes} == dict.fromkeys(probes, "ok"), done.stdout
    assert not (folder / "run").exists()


def test_the_models_report_to_nobody() -> None:
    """ONNX Runtime does, some seconds after a model was loaded, unless it is told not to."""
    script = "import time; from adapters.audio.analysis.transcription import warm_up; warm_up(); time.sleep(12)"
    foreign = {name: value for name, value in os.environ.items() if name not in {"CI", "ORT_DISABLE_TELEMETRY"}}
    with http_proxy({}) as proxy:
        proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy.url)
        subprocess.run([sys.executable, "-c", script], env={**foreign, **proxies}, check=True, timeout=SECONDS)
        assert proxy.requests == []


def test_the_database_is_what_our_settings_say(folder: Path) -> None:
    done = moment(folder, "migrate", DATABASE_URL="postgresql://me@127.0.0.1:9/db", **POSTGRES)
    assert (
        "the database at 127.0.0.1:9 did not answer (ConnectionRefusedError): `moment doctor` says why" in done.stderr
    )
    assert os.sep not in done.stderr

"""Where containers cannot run, tests say so, and fail where they were demanded."""

from pathlib import Path

import pytest

from tests.support.containers import require_image


@pytest.fixture(autouse=True)
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


def test_without_an_engine_the_test_is_skipped_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_CONTAINERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no container of postgres:15: .*nobody.sock"):
        require_image("postgres:15")


def test_without_an_engine_the_test_fails_where_containers_are_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_CONTAINERS", "1")
    with pytest.raises(pytest.fail.Exception, match=r"nobody.sock.*REQUIRE_CONTAINERS=1"):
        require_image("postgres:15")

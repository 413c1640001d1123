"""Two hundred uploads, waits, streams and downloads at once: each kind has its budget, and health answers meanwhile."""

import time
from collections import Counter

import httpx
import pytest

from tests.contract.test_api_shutdown import HUM, Start, start
from tests.support.crowd import HALF_AN_UPLOAD, crowd, download, follow, wait_for

__all__ = ["start"]

pytestmark = pytest.mark.anyio

CLIENTS = 200
UPLOADS = 128
LONG = 4 << 20
"""Bytes: more than the buffers of a connection hold."""

HEALTH_CHECKS = 30
PATIENCE = 5.0
"""Seconds; only to tell an answer from none. `python -m benchmarks budgets` measures."""


async def test_health_answers_while_all_budgets_are_full(start: Start) -> None:
    api = start()
    await api.ready()
    async with httpx.AsyncClient(base_url=api.url, trust_env=False, timeout=30) as http:
        job_id = (await submitted(http)).json()["job_id"]
        url = (await http.get(f"/v1/jobs/{job_id}/audio?artifact=original")).headers["location"]
        kinds = [HALF_AN_UPLOAD, wait_for(job_id), follow(job_id), download(url.removeprefix(api.url))]
        async with crowd(api.port, CLIENTS * kinds) as held:
            took = [await healthy(http) for _ in range(HEALTH_CHECKS)]
            statuses = await held.statuses(2.0)
            refused = await submitted(http)
        assert max(took) < PATIENCE
        assert statuses == Counter({200: 2 * CLIENTS, 503: CLIENTS - UPLOADS, 0: CLIENTS + UPLOADS})
        assert (refused.status_code, refused.json()["code"]) == (503, "service_busy")
        while (await submitted(http)).status_code != 202:
            assert api.process.alive
    assert "Traceback" not in api.process.log


async def submitted(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post("/v1/create-moment", files={"file": HUM + bytes(LONG)})


async def healthy(http: httpx.AsyncClient) -> float:
    began = time.perf_counter()
    (await http.get("/healthz")).raise_for_status()
    return time.perf_counter() - began

"""Webhooks over HTTP against receivers that behave badly, and whether what is sent can be verified."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.http.egress import EgressGuard, guarded_client
from adapters.http.webhook_signing import check_secret, new_secret
from adapters.http.webhooks import HttpWebhookSender
from adapters.toolkit.authorities import parse
from application.ports.webhooks import ClaimedDelivery
from domain.webhooks.attempts import Answer
from domain.webhooks.events import WebhookEvent
from tests.support.jobs import JOB_ID
from tests.support.webhook_receiver import (
    CLOSE,
    ENDLESS,
    ENDLESS_HEAD,
    LATE,
    SLOW_HEAD,
    Behaviour,
    Receiver,
    receiving,
)

pytestmark = pytest.mark.anyio

SECONDS = 0.5
"""The time-out where there is to be one."""

AMPLE = 15.0
"""Seconds for what is to succeed, on a machine that does much else."""

SECRET = new_secret()
BODY = '{"type":"moment.completed"}'


def delivery(url: str, *secrets: str) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=uuid4(),
        token=1,
        attempt=1,
        job_id=JOB_ID,
        event=WebhookEvent.COMPLETED,
        occurred_at=datetime.now(UTC),
        whole=False,
        endpoint_id=UUID(int=1),
        url=url,
        secrets=secrets,
    )


@asynccontextmanager
async def sending(
    *allowed: str, secrets: Sequence[str] = (SECRET,), seconds: float = AMPLE
) -> AsyncIterator[HttpWebhookSender]:
    async with guarded_client([parse(host) for host in allowed]) as client:
        yield HttpWebhookSender(client, secrets, seconds=seconds)


@asynccontextmanager
async def answered(behaviour: Behaviour, seconds: float = AMPLE) -> AsyncIterator[tuple[Receiver, Answer]]:
    async with receiving(hook=[behaviour]) as receiver, sending("127.0.0.1", seconds=seconds) as sender:
        yield receiver, await sender.send(delivery(receiver.url("/hook")), BODY)


@pytest.mark.parametrize("behaviour", [200, 204, ENDLESS])
async def test_any_2xx_is_enough_however_long_its_body_is(behaviour: Behaviour) -> None:
    async with answered(behaviour) as (_, answer):
        assert answer.delivered
        assert answer.error == ""
        assert 0 < answer.seconds < AMPLE


@pytest.mark.parametrize(
    ("behaviour", "status", "error"),
    [
        (500, 500, "status_500"),
        (410, 410, "status_410"),
        (302, 302, "status_302"),
        (CLOSE, None, "connection_broken"),
        (LATE, None, "timeout"),
        (SLOW_HEAD, None, "timeout"),
        (ENDLESS_HEAD, None, "connection_broken"),
    ],
)
async def test_anything_else_is_a_failure(behaviour: Behaviour, status: int | None, error: str) -> None:
    seconds = SECONDS if error == "timeout" else AMPLE
    async with answered(behaviour, seconds) as (receiver, answer):
        assert (answer.status, answer.error, answer.delivered) == (status, error, False)
        assert answer.seconds < 2 * seconds
        assert [one.path for one in receiver.received] == ["/hook"]  # no redirect is followed


async def test_nobody_listens() -> None:
    async with receiving() as receiver:
        url = receiver.url()
    async with sending("127.0.0.1") as sender:
        assert (await sender.send(delivery(url), BODY)).error == "connection_failed"


async def test_what_is_no_url_after_all_is_a_failure_like_others() -> None:
    async with sending() as sender:
        assert (await sender.send(delivery("https://[v1.a]/"), BODY)).error == "connection_broken"


async def test_what_arrives_can_be_verified_with_the_secret_alone() -> None:
    async with answered(200) as (receiver, answer):
        (one,) = receiver.received
        assert Webhook(SECRET).verify(one.body, one.headers) == {"type": "moment.completed"}
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(one.body, one.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(one.body + " ", one.headers)
        assert one.headers["content-type"] == "application/json"
        assert abs(int(one.headers["webhook-timestamp"]) - answer.at.timestamp()) < 1
        assert abs(answer.at.timestamp() - time.time()) < 5


async def test_while_a_secret_is_replaced_both_verify() -> None:
    owned = new_secret(), new_secret()
    async with receiving() as receiver, sending("127.0.0.1") as sender:
        await sender.send(delivery(receiver.url(), *owned), BODY)
    (one,) = receiver.received
    assert len(one.headers["webhook-signature"].split(" ")) == 2
    for secret in owned:
        Webhook(secret).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(one.body, one.headers)  # an owner's webhooks have the owner's secrets


async def test_inner_addresses_are_refused_even_behind_a_name() -> None:
    async def rebound(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with (
        receiving() as receiver,
        sending() as sender,
        httpx.AsyncClient(transport=EgressGuard([], resolve=rebound), trust_env=False) as client,
    ):
        named = f"http://hooks.example:{receiver.port}/"
        answers = [
            await sender.send(delivery(receiver.url()), BODY),
            await HttpWebhookSender(client, [SECRET], seconds=SECONDS).send(delivery(named), BODY),
        ]
        assert [answer.error for answer in answers] == ["url_not_allowed"] * 2
        assert receiver.received == []


@pytest.mark.parametrize("secret", ["", "hush", "whsec_", "whsec_short", "whsec_" + "A" * 20, "whsec_" + "A" * 400])
def test_a_secret_that_cannot_sign_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"base64|bytes|begin"):
        check_secret(secret)


def test_a_new_secret_is_well_formed() -> None:
    secret = new_secret()
    check_secret(secret)
    assert secret != new_secret()

"""Lines of `moment jobs show` and of `moment webhooks list`."""

from datetime import datetime
from uuid import uuid4

import pytest

from application.ports.webhooks import DeliveryState, Endpoint
from domain.webhooks.attempts import Answer
from entrypoints.commands.job_views import webhook
from entrypoints.commands.webhooks import row
from entrypoints.plurals import count_of
from tests.support.fake_webhooks import a_delivery
from tests.support.jobs import JOB_ID, NOW

REFUSED = Answer(at=NOW, status=500, error="status_500")
SILENT = Answer(at=NOW, error="timeout")
TAKEN = Answer(at=NOW, status=204)


@pytest.mark.parametrize(
    ("log", "state", "said"),
    [
        ((), DeliveryState.PENDING, "pending after 0 attempts"),
        ((TAKEN,), DeliveryState.DELIVERED, "delivered after 1 attempt, last answer: 204"),
        ((SILENT, REFUSED), DeliveryState.PENDING, "pending after 2 attempts, last answer: status_500"),
        ((REFUSED, SILENT), DeliveryState.FAILED, "failed after 2 attempts, last answer: timeout"),
    ],
)
def test_a_webhook_is_shown_with_its_last_answer(log: tuple[Answer, ...], state: DeliveryState, said: str) -> None:
    name, value = webhook(a_delivery(JOB_ID, state=state, attempts=len(log), log=log))
    assert name == "webhook"
    assert value.endswith(f" moment.completed to https://app.example/hooks: {said}")


@pytest.mark.parametrize(
    ("failing", "last", "disabled_at", "said"),
    [
        (0, None, None, "enabled"),
        (3, REFUSED, None, f"failing: status_500 at {NOW:%Y-%m-%d %H:%M:%S} UTC; to be tried again: 3"),
        (3, REFUSED, NOW, "disabled: it answered 410"),
    ],
)
def test_an_endpoint_is_shown_with_its_last_failure(
    failing: int, last: Answer | None, disabled_at: datetime | None, said: str
) -> None:
    endpoint = Endpoint(
        id=uuid4(), owner="acme", url="https://acme.example/hooks", events=None, whole=False, created_at=NOW,
        disabled_at=disabled_at, disabled_because="it answered 410", failing=failing, last_failure=last,
    )  # fmt: skip
    assert row(endpoint) == [str(endpoint.id), "acme", endpoint.url, "of requests", said]


@pytest.mark.parametrize(("number", "said"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs")])
def test_numbers_have_nouns_that_fit(number: int, said: str) -> None:
    assert count_of(number, "job") == said

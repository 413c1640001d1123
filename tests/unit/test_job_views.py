"""Lines of `moment jobs show`."""

import pytest

from application.ports.webhooks import DeliveryState
from domain.webhooks.attempts import Answer
from entrypoints.commands.job_views import webhook
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

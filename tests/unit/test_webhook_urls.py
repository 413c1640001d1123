"""Which URLs a webhook may be sent to: https to public hosts, or whatever the operator allows."""

import pytest

from adapters.http.webhook_urls import LONGEST, WebhookUrls
from adapters.toolkit.authorities import parse
from application.ports.webhooks import WebhookUrlRefused

GOOD = [
    "https://app.example/hooks",
    "https://app.example:8443/?token=t%20u",
    "https://xn--bcher-kva.example./",
    "https://8.8.8.8/",
    "https://[2606:4700::1]/",
]


@pytest.mark.parametrize("url", GOOD)
def test_public_https_is_taken(url: str) -> None:
    WebhookUrls([])(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://app.example/", "https"),
        ("ftp://app.example/", "https"),
        ("hooks", "https"),
        ("https:///hooks", "host"),
        ("https://user:secret@app.example/", "login"),
        ("https://app.example/#part", "fragment"),
        ("https://app.example/a b", "ASCII"),
        ("https://app.example/ü", "ASCII"),
        ("https://app.example\\@10.0.0.1/", "ASCII"),
        ("https://app.example:99999/", "no URL"),
        ("https://app.example:0/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://[v1.a]/", "no URL"),
        ("https://a..b/", "no URL"),
        ("https://.example/", "no URL"),
        ("https://a%20b/", "no URL"),
        ("https://" + "a" * 64 + ".example/", "no URL"),
        ("https://app.example/" + "a" * LONGEST, "longer"),
        ("https://localhost/", "not public"),
        ("https://127.0.0.1/", "not public"),
        ("https://127.1/", "not public"),
        ("https://2130706433/", "not public"),
        ("https://0x7f000001/", "not public"),
        ("https://10.0.0.1:8443/", "not public"),
        ("https://169.254.169.254/latest", "not public"),
        ("https://[::1]/", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
    ],
)
def test_anything_else_is_refused_at_once(url: str, why: str) -> None:
    with pytest.raises(WebhookUrlRefused, match=why) as refused:
        WebhookUrls([])(url)
    assert "secret" not in refused.value.message


def test_the_operator_allows_more() -> None:
    check = WebhookUrls([parse("localhost:3000"), parse("10.0.0.7")])
    check("http://localhost:3000/hooks")
    check("http://10.0.0.7/hooks")
    for url in ("http://localhost:3001/", "http://app.example/"):
        with pytest.raises(WebhookUrlRefused):
            check(url)

"""Transcripts are read as they are meant, and a difference between page and service is found."""

import pytest

from tests.support.transcripts import Answer, Comparison, Names, exchanges_of

ID, OTHER = "7133416a-eaad-4b03-99e3-5a8f170c1dc8", "0b7d3f6e-52a1-4c5e-9d0c-2f1f7c9a6e35"
PAGE = """
```sh
curl http://elsewhere
```

```console
$ curl -i \\
  http://localhost:8000/a
HTTP/1.1 200 OK
ETag: "1"

{"a": 1}
$ curl http://localhost:8000/b
two
lines
```
"""


def differences(shown: str, given: str, known: Names | None = None) -> list[str]:
    return Comparison(Answer(0, {}, shown), Answer(200, {}, given), known or Names()).differences


def test_a_page_s_commands_and_answers() -> None:
    first, second = exchanges_of(PAGE)
    assert (first.line, first.command) == (7, "curl -i \\\n  http://localhost:8000/a")
    assert first.answer == Answer(200, {"etag": '"1"'}, '{"a": 1}')
    assert (second.command, second.answer) == ("curl http://localhost:8000/b", Answer(0, {}, "two\nlines"))


@pytest.mark.parametrize(
    ("shown", "given"),
    [
        ('{"a": 1, …}', '{"a":2.5,"b":[]}'),
        ('{"a": …}', '{"a":[1,{"b":2}]}'),
        ("[1, …]", "[1,2,3]"),
        (f'{{"id": "{ID}", "at": "2026-11-26T10:00:00.918Z"}}', f'{{"id":"{OTHER}","at":"2027-01-01T00:00:00Z"}}'),
        ('{"url": "http://a/b?c=1"}', '{"url":"http://a/b?c=2&d=3"}'),
        ('{"url": "http://a/…"}', '{"url":"http://a/b"}'),
        ("one\n…\nid: 2", "one\ntwo\nthree\nid: 9"),
    ],
)
def test_what_may_vary(shown: str, given: str) -> None:
    assert differences(shown, given) == []


@pytest.mark.parametrize(
    ("shown", "given"),
    [
        ('{"a": 1}', '{"a":1,"b":2}'),
        ('{"a": 1, "b": 2, …}', '{"a":1}'),
        ('{"a": "x"}', '{"a":"y"}'),
        ('{"a": true}', '{"a":false}'),
        ('{"a": 1}', '{"a":null}'),
        ('{"a": 1}', '{"a":true}'),
        ("[1]", "[1,2]"),
        ("[1, 2, …]", "[1]"),
        (f'["{ID}", "{ID}"]', f'["{ID}","{OTHER}"]'),
        ('{"url": "http://a/b?c=1"}', '{"url":"http://a/c?c=1"}'),
        ("one\ntwo", "one"),
        ("", "unexpected"),
    ],
)
def test_differences(shown: str, given: str) -> None:
    assert differences(shown, given)


def test_statuses_and_headers() -> None:
    shown = Answer(202, {"location": f"/{ID}", "etag": '"7"'}, "")
    compared = Comparison(shown, Answer(202, {"location": f"/{OTHER}", "etag": '"8"', "date": "today"}, ""), Names())
    assert compared.differences == []
    assert compared.names.put_into(f"curl -H 'If-None-Match: \"7\"' {ID}") == f"curl -H 'If-None-Match: \"8\"' {OTHER}"
    assert len(Comparison(shown, Answer(200, {"location": "/elsewhere"}, ""), Names()).differences) == 3
    failed = Answer(404, {}, "")
    assert Comparison(Answer(0, {}, ""), failed, Names(), sent=True).differences
    assert not Comparison(failed, failed, Names(), sent=True).differences

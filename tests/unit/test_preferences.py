"""What `Prefer` asks for (RFC 7240)."""

import pytest

from entrypoints.api.preferences import LONGEST_WAIT, wait_in


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ([], 0),
        ([b"wait=10"], 10),
        ([b"respond-async, Wait = 5; x=1"], 5),
        ([b"return=minimal", b'wait="7"'], 7),
        ([b"wait=3, wait=9"], 3),
        ([b"wait=3600"], LONGEST_WAIT),
        ([b"wait"], 0),
        ([b"wait=-1"], 0),
        ([b"wait=1.5"], 0),
        ([b"wait=" + b"9" * 5000], 0),
        ([b"await=9"], 0),
        ([b"\xff\xfe"], 0),
    ],
)
def test_how_long_a_client_would_wait(fields: list[bytes], seconds: int) -> None:
    assert wait_in([(b"accept", b"wait=20"), *((b"prefer", field) for field in fields)]) == seconds

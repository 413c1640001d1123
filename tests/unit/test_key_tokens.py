"""Keys as texts: what is one, and what is stored of it."""

import pytest

from application.keys.tokens import digest_of, new_token, prefix_of


def test_a_key_is_known_by_its_beginning() -> None:
    token = new_token()
    assert token.startswith(f"{prefix_of(token)}_")
    assert len(token) == len("moment_") + 8 + 1 + 32 + 8
    assert new_token() != token
    assert token not in repr(digest_of(token))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token + "\n",
        lambda token: token.swapcase(),
        lambda token: token.replace("moment_", "sk_"),
        lambda token: token[:20] + ("a" if token[20] != "a" else "b") + token[21:],
        lambda _: "",
    ],
)
def test_what_was_copied_badly_is_no_key(spoil: object) -> None:
    assert callable(spoil)
    assert prefix_of(spoil(new_token())) is None

"""Database URLs as people and platforms write them."""

from urllib.parse import unquote, urlsplit

import pytest

from adapters.postgres.dsn import Dsn, InvalidDatabaseUrl, normalise


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@host:5432/db", "postgresql://u:p@host:5432/db"),
        ("postgres://u:p@host/db", "postgresql://u:p@host/db"),
        ("  postgresql+psycopg2://u:p@host/db\n", "postgresql://u:p@host/db"),
        ("postgresql+asyncpg://u:p@host/db", "postgresql://u:p@host/db"),
        ("postgresql://postgres:@/postgres?host=/some/dir", "postgresql://postgres@/postgres?host=%2Fsome%2Fdir"),
        ("postgresql:///db?host=/a%20b&port=5433", "postgresql:///db?host=%2Fa%20b&port=5433"),
        ("postgresql://u@[::1]:5432/db", "postgresql://u@[::1]:5432/db"),
        ("postgresql://u@one:5432,two:5433/db", "postgresql://u@one:5432,two:5433/db"),
        ("postgresql://u:p%40ss%2F@host/db", "postgresql://u:p%40ss%2F@host/db"),
        ("postgresql://u:p@ss@host/db", "postgresql://u:p%40ss@host/db"),
        ("postgresql://u@host/my%20db", "postgresql://u@host/my%20db"),
        (
            "postgres://doadmin:x@db.example.com:25060/defaultdb?sslmode=require&sslrootcert=/etc/ca.crt",
            "postgresql://doadmin:x@db.example.com:25060/defaultdb?sslmode=require&sslrootcert=%2Fetc%2Fca.crt",
        ),
        ("postgresql://h/db?channel_binding=require&keepalives=1&pool_size=5", "postgresql://h/db"),
        ("postgresql+asyncpg://h/db?ssl=require", "postgresql://h/db?sslmode=require"),
        ("postgresql://h/db?ssl=true", "postgresql://h/db?sslmode=require"),
        ("postgresql://h/db?ssl=False", "postgresql://h/db?sslmode=disable"),
        ("postgresql://h/db?sslmode=no-verify", "postgresql://h/db?sslmode=require"),
        ("postgresql://h/db?sslmode=REQUIRE", "postgresql://h/db?sslmode=require"),
        ("postgresql://u:a/b#c?d[e]f@host:5432/db", "postgresql://u:a%2Fb%23c%3Fd%5Be%5Df@host:5432/db"),
        ("postgresql://u:p?x@host/db?sslmode=require", "postgresql://u:p%3Fx@host/db?sslmode=require"),
        ("postgresql://u:[p@[::1]:5432/db", "postgresql://u:%5Bp@[::1]:5432/db"),
        ("postgresql://u:12/34@host/db", "postgresql://u:12%2F34@host/db"),
        ("postgresql://me@server:p@host/db", "postgresql://me%40server:p@host/db"),
        ("postgresql://host:5432/db?user=me@server", "postgresql://host:5432/db?user=me%40server"),
        ("postgresql://[::1]:5432/db?user=me@server", "postgresql://[::1]:5432/db?user=me%40server"),
        ("postgresql://one:1,two:2/db?user=me@server", "postgresql://one:1,two:2/db?user=me%40server"),
        ("postgresql://%2Frun%2Fpostgresql/db", "postgresql://%2Frun%2Fpostgresql/db"),
        ("postgresql:///db?host=one:1&host=two:2", "postgresql:///db?host=one%3A1%2Ctwo%3A2"),
        ("postgresql://u:100%@host/db", "postgresql://u:100%25@host/db"),
        ("postgresql://u:p+w@host/db#1", "postgresql://u:p%2Bw@host/db%231"),
        ("postgresql://h/db?sslmode=&application_name=moment", "postgresql://h/db?application_name=moment"),
    ],
)
def test_every_spelling_becomes_asyncpgs(url: str, expected: str) -> None:
    assert normalise(url).url == expected
    assert normalise(expected).url == expected


@pytest.mark.parametrize(
    "password", ["/", "#", "?", "[", "]", "a/b", "a#b?c", "[x]", "p:q", "é", "%", "&=", "1/2", "a?b=c", "?a=b", " x"]
)
def test_the_password_is_what_sqlalchemy_reads(password: str) -> None:
    """It reads up to the first `@`; that is the last one before the host."""
    url = normalise(f"postgresql+psycopg2://user:{password}@host:5432/db?sslmode=disable").url
    assert urlsplit(url).hostname == "host"
    assert unquote(urlsplit(url).password or "") == password


@pytest.mark.parametrize("flag", ["pgbouncer=true", "statement_cache_size=0", "prepared_statement_cache_size=0"])
def test_a_transaction_pooler_is_recognised(flag: str) -> None:
    dsn = normalise(f"postgresql://h/db?{flag}")
    assert dsn.pooled
    assert dsn.url == "postgresql://h/db"
    assert not normalise("postgresql://h/db?pgbouncer=false").pooled


@pytest.mark.parametrize(
    "url",
    [
        "",
        "s3cret",
        "postgresql:s3cret",
        "mysql://u:s3cret@h/db",
        "postgresql+://u:s3cret@h/db",
        "postgresql://u:s3cret@h:port/db",
        "postgresql://u:s3cret@h:99999/db",
        "postgresql://u:s3cret@/db?host=/sockets&port=s3cret",
        "postgresql://u:s3cret@h#more/db",
        "postgresql://u:s3cret@[h/db",
        "postgresql://u:s3cret",
        "postgresql://u:s3cret@h/db?sslmode=maybe-s3cret",
        "postgresql://u:s3cret@h/db?sslmode=verify-full&sslrootcert=system",
    ],
)
def test_nonsense_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidDatabaseUrl) as refused:
        normalise(url)
    assert refused.value.code == "invalid_database_url"
    assert "s3cret" not in str(refused.value)


def test_the_password_is_not_shown() -> None:
    assert repr(normalise("postgresql://u:s3cret@host:5432/db?password=s3cret")) == "Dsn(host:5432/db)"
    assert "s3cret" not in f"{[Dsn('postgresql://u:s3cret@h/db')]}"

"""Connections to PostgreSQL itself: encrypted wherever somebody in between could listen."""

from __future__ import annotations

import socket
import threading

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from services.database.direct import encrypted, open_connection

FAR = [
    "postgresql://postgres.abc:pw@aws-0-eu-west-1.pooler.supabase.com:5432/postgres",
    "postgresql://postgres:p%40w@203.0.114.7/postgres?application_name=x",
    "postgresql://postgres:pw@db,db.example.org/postgres",
]
NEAR_OR_TOLD = [
    "postgresql://postgres@/postgres?host=/tmp/socket",
    "postgresql://postgres:pw@localhost/postgres",
    "postgresql://postgres:pw@127.0.0.1:5432/postgres",
    "postgresql://postgres:pw@[::1]/postgres",
    "postgresql://postgres:pw@10.0.0.3/postgres",
    "postgresql://postgres:pw@db/postgres",
    "postgresql://postgres:pw@db.example.org/postgres?sslmode=verify-full",
    "postgresql://postgres:pw@db.example.org/postgres?sslmode=disable",
]
SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


@pytest.mark.parametrize("url", FAR)
def test_a_far_server_must_encrypt(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert conninfo_to_dict(encrypted(url)) == {**conninfo_to_dict(url), "sslmode": "require"}


@pytest.mark.parametrize("url", NEAR_OR_TOLD)
def test_a_near_server_and_what_the_url_says_stay(url: str) -> None:
    assert encrypted(url) == url


def test_what_libpq_was_told_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert encrypted(FAR[0]) == FAR[0]


def test_nothing_goes_in_clear_to_a_server_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    received = []

    def refuse_tls() -> None:
        connection, _ = server.accept()
        with connection:
            received.append(connection.recv(1000))
            connection.sendall(b"N")
            received.append(connection.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refuse_tls)
        thread.start()
        port = server.getsockname()[1]
        with pytest.raises(psycopg.OperationalError, match="SSL"):
            open_connection(f"postgresql://user:pw@127.1:{port}/db", 5)  # a far name, to us
        thread.join()
    assert received == [SSL_REQUEST, b""]

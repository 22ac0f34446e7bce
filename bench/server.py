"""Where the benchmarks run: the server of TEST_PG_DSN, else an embedded one that is gone afterwards."""

import os
import secrets
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from creamery.laptop import postgres
from creamery.laptop.installation import any_free_port


@contextmanager
def scratch_server() -> Iterator[str]:
    """An administrator's URI."""
    if given := os.environ.get("TEST_PG_DSN"):
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        server = postgres.Server(
            home=postgres.server_home(Path(folder)),
            port=any_free_port(),
            password=secrets.token_urlsafe(12),
            account=postgres.server_account(),
            is_durable=False,
        )
        try:
            server.prepare()
            process = server.start_child(Path(folder) / "postgres.log")
            yield server.dsn()
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            server.remove()


@contextmanager
def scratch_databases(admin_dsn: str) -> Iterator[Callable[[str], str]]:
    """A function that creates an empty database and gives its URI; all of them are dropped at the end."""
    created: list[str] = []

    def create(name: str) -> str:
        database = f"bench_{name}_{secrets.token_hex(3)}"
        _administer(admin_dsn, "create database {}", database)
        created.append(database)
        return f"{admin_dsn.rpartition('/')[0]}/{database}"

    try:
        yield create
    finally:
        for database in created:
            _administer(admin_dsn, "drop database if exists {} with (force)", database)


def _administer(admin_dsn: str, statement: str, database: str) -> None:
    with psycopg.connect(admin_dsn, autocommit=True) as server:
        server.execute(sql.SQL(statement).format(sql.Identifier(database)))  # type: ignore[arg-type]

"""The only module that opens warehouse connections.

A connection takes exactly one group role (least privilege, docs/security.md). Writing goes through `writer`:
one writer at a time per warehouse, and whatever a killed run left behind is stopped before the next one starts.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import psycopg
from psycopg import sql

from creamery.errors import ConfigError, WarehouseError

APPLICATION_PREFIX = "creamery:"
_LOCK_KEY = 0x63726561  # "crea": the advisory lock that a warehouse's writer holds
_POLL_SECONDS = 1.0


class Role(StrEnum):
    """Group roles of sql/roles.sql."""

    LOADER = "creamery_loader"
    TRANSFORMER = "creamery_transformer"
    EXPORTER = "creamery_exporter"
    CARTS = "creamery_carts"
    PUSHER = "creamery_pusher"


@dataclass(frozen=True, slots=True)
class Writer:
    """The right to write, held as long as `connection` lives. The token goes into application_name."""

    connection: psycopg.Connection
    token: str

    @property
    def application_name(self) -> str:
        return APPLICATION_PREFIX + self.token


def connect(dsn: str, role: Role, application_name: str = "creamery") -> psycopg.Connection:
    """Open a warehouse connection as `role`. Raises ConfigError if it cannot be reached or is not prepared."""
    try:
        connection = psycopg.connect(dsn, application_name=application_name, keepalives_idle=60)
    except psycopg.OperationalError as error:
        raise ConfigError(
            f"The warehouse cannot be reached ({' '.join(str(error).split())}). Check the connection analytics_dw."
        ) from error
    try:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        prepared = connection.execute("select to_regclass('ops.publication') is not null").fetchone()
        connection.commit()
    except psycopg.Error as error:
        raise _not_prepared(connection, str(error).strip()) from error
    if prepared != (True,):
        raise _not_prepared(connection, "schema ops is missing")
    return connection


def reader(dsn: str) -> psycopg.Connection:
    """Open a connection that may read the reporting views and nothing else, as the dashboards do."""
    try:
        connection = psycopg.connect(dsn, application_name="creamery report")
    except psycopg.OperationalError as error:
        raise ConfigError(
            f"The warehouse cannot be reached ({' '.join(str(error).split())}). Check the connection analytics_dw."
        ) from error
    try:
        connection.execute("set role creamery_bi_reader")
        connection.execute("set default_transaction_read_only = on")
        connection.commit()
    except psycopg.Error as error:
        raise _not_prepared(connection, str(error).strip()) from error
    return connection


def _not_prepared(connection: psycopg.Connection, reason: str) -> ConfigError:
    database = connection.info.dbname
    connection.close()
    return ConfigError(
        f"Database {database} is not a Creamery warehouse ({reason}). "
        "Prepare it once with: python -m creamery.warehouse_bootstrap (docs/operations.md)."
    )


def waiting_name(purpose: str) -> str:
    """application_name of a session that waits to become the writer."""
    return f"creamery waiting: {purpose}"


@contextmanager
def writer(dsn: str, role: Role, purpose: str, wait_seconds: float = 3600) -> Iterator[Writer]:
    """Become the warehouse's only writer for the duration of the block.

    Waits up to `wait_seconds` for a live writer to finish, then raises WarehouseError naming it. Sessions of
    earlier writers that outlived their lock (a dbt whose task was killed) are terminated first; should one
    come back, ops.assert_writer refuses it.
    """
    with connect(dsn, role, waiting_name(purpose)) as connection:
        connection.autocommit = True
        _await_lock(connection, wait_seconds)
        token = uuid.uuid4().hex
        connection.execute("select set_config('application_name', %s, false)", (APPLICATION_PREFIX + token,))
        connection.execute(
            "insert into ops.writer (token, purpose) values (%s, %s)"
            " on conflict (is_only) do update"
            " set token = excluded.token, purpose = excluded.purpose, since = now()",
            (token, purpose),
        )
        _terminate_orphans(connection, role)
        connection.autocommit = False
        yield Writer(connection, token)


def _await_lock(connection: psycopg.Connection, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while connection.execute("select pg_try_advisory_lock(%s)", (_LOCK_KEY,)).fetchone() != (True,):
        if time.monotonic() > deadline:
            raise WarehouseError(_describe_holder(connection))
        time.sleep(_POLL_SECONDS)


def _describe_holder(connection: psycopg.Connection) -> str:
    holder = connection.execute(
        "select activity.pid, writer.purpose, writer.since"
        " from pg_locks as locks"
        " join pg_stat_activity as activity using (pid)"
        " left join ops.writer as writer on activity.application_name = %s || writer.token"
        " where locks.locktype = 'advisory' and locks.objid = %s and locks.granted",
        (APPLICATION_PREFIX, _LOCK_KEY),
    ).fetchone()
    who = f"{holder[1]} since {holder[2]:%Y-%m-%d %H:%M} (backend {holder[0]})" if holder else "another session"
    return (
        f"Warehouse {connection.info.dbname} is being written by {who}. Wait for it, or stop it with: "
        f"select pg_terminate_backend({holder[0] if holder else 'pid'})."
    )


def _terminate_orphans(connection: psycopg.Connection, role: Role) -> None:
    # Only the lock's holder may write, so any other session that carries a writer's name lost its parent.
    # Terminating takes the login role itself, not the group role that this session has taken.
    connection.execute("reset role")
    connection.execute(
        "select pg_terminate_backend(activity.pid, 10000)"
        " from pg_stat_activity as activity"
        " where activity.datname = current_database()"
        " and activity.usename = session_user"
        " and activity.pid <> pg_backend_pid()"
        " and activity.application_name like %s || '%%'",
        (APPLICATION_PREFIX,),
    )
    connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))

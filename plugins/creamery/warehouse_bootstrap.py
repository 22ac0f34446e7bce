"""Prepare a PostgreSQL database as a warehouse: database, roles, schemas, grants, the tables of schema ops.

Needs an administrator's connection, once; running it again changes nothing. The SQL lies in sql/, to be read
(or run by hand) by whoever administers the server.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from creamery.errors import ConfigError

SQL_FOLDER = Path(__file__).resolve().parents[2] / "sql"
LOGINS = ("creamery_pipeline", "creamery_bi_reader", "creamery_marketer")
_BOOTSTRAP_LOCK = 0x626F6F74  # roles belong to the whole server: two bootstraps at once would collide


def bootstrap(admin_dsn: str, database: str, passwords: Mapping[str, str]) -> None:
    """Create or complete warehouse `database`; `passwords` holds one per login in LOGINS."""
    with psycopg.connect(admin_dsn, autocommit=True) as server:
        server.execute("select pg_advisory_lock(%s)", (_BOOTSTRAP_LOCK,))
        _run_file(server, "roles.sql")
        _set_passwords(server, passwords)
        _create_database(server, database)
        with psycopg.connect(make_conninfo(admin_dsn, dbname=database)) as warehouse:
            _run_file(warehouse, "schemas.sql")
            _run_file(warehouse, "ops.sql")
            _run_file(warehouse, "marketing.sql")
            _run_file(warehouse, "scores.sql")
            _run_file(warehouse, "ml.sql")
            _run_file(warehouse, "push.sql")
            _run_file(warehouse, "odoo_tags.sql")
            _run_file(warehouse, "loyalty.sql")
            _run_file(warehouse, "loyalty_push.sql")
            _run_file(warehouse, "loyalty_awards.sql")
            _run_file(warehouse, "campaigns.sql")
            _run_file(warehouse, "experiments.sql")
            _run_file(warehouse, "carts.sql")
            _run_file(warehouse, "cart_reminders.sql")
            _restrict_connections(warehouse, database)


def _set_passwords(server: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    for login in LOGINS:
        # Sent as a SCRAM verifier, so that no password reaches the server's log.
        verifier = server.pgconn.encrypt_password(passwords[login].encode(), login.encode(), b"scram-sha-256")
        server.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(login), sql.Literal(verifier.decode()))
        )


def _create_database(server: psycopg.Connection, database: str) -> None:
    exists = server.execute("select 1 from pg_database where datname = %s", (database,)).fetchone()
    if not exists:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(database)))


def _restrict_connections(warehouse: psycopg.Connection, database: str) -> None:
    name = sql.Identifier(database)
    warehouse.execute(sql.SQL("revoke all on database {} from public").format(name))
    logins = sql.SQL(", ").join(map(sql.Identifier, LOGINS))
    warehouse.execute(sql.SQL("grant connect on database {} to {}").format(name, logins))
    # dbt and the loader put rows into temporary tables before they enter a permanent one.
    warehouse.execute(
        sql.SQL("grant temporary on database {} to creamery_transformer, creamery_loader, creamery_pusher").format(name)
    )


def _run_file(connection: psycopg.Connection, name: str) -> None:
    connection.execute((SQL_FOLDER / name).read_text().encode())


def main() -> int:
    """Entry point for servers: everything comes from the environment, so that no password is an argument."""
    try:
        bootstrap(
            _required("CREAMERY_ADMIN_DSN"),
            _required("CREAMERY_WAREHOUSE"),
            {
                "creamery_pipeline": _required("CREAMERY_PIPELINE_PASSWORD"),
                "creamery_bi_reader": _required("CREAMERY_BI_READER_PASSWORD"),
                "creamery_marketer": _required("CREAMERY_MARKETER_PASSWORD"),
            },
        )
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _required(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise ConfigError(f"Environment variable {variable} is not set; see docs/operations.md, 'A new warehouse'.")
    return value


if __name__ == "__main__":
    sys.exit(main())

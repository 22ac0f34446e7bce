"""Roles and databases of the embedded server besides the warehouses."""

import psycopg
from psycopg import sql

from creamery.laptop.installation import Installation
from creamery.warehouse_bootstrap import SQL_FOLDER

SOURCE_READER = "creamery_reader"


def exists(installation: Installation, database: str) -> bool:
    with psycopg.connect(installation.server.dsn()) as server:
        found = server.execute("select 1 from pg_database where datname = %s", (database,)).fetchone()
    return found is not None


def ensure_login(server: psycopg.Connection, role: str, password: str) -> None:
    """Create the login, or give it this password."""
    known = server.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
    verb = "alter" if known else "create"
    # Sent as a SCRAM verifier, so that no password reaches the server's log.
    verifier = server.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    server.execute(
        sql.SQL("{} role {} login password {}").format(sql.SQL(verb), sql.Identifier(role), sql.Literal(verifier))
    )


def ensure(installation: Installation, name: str, login: str, password: str, template: str = "template0") -> None:
    """Create database `name` as a copy of `template` unless it exists; only `login`, its owner, may enter."""
    with psycopg.connect(installation.server.dsn(), autocommit=True) as server:
        ensure_login(server, login, password)
        if not exists(installation, name):
            names = [sql.Identifier(part) for part in (name, login, template)]
            server.execute(sql.SQL("create database {} owner {} template {}").format(*names))
            server.execute(sql.SQL("revoke all on database {} from public").format(names[0]))


def drop(installation: Installation, database: str) -> None:
    with psycopg.connect(installation.server.dsn(), autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))


def rename(installation: Installation, database: str, new_name: str) -> None:
    with psycopg.connect(installation.server.dsn(), autocommit=True) as server:
        server.execute(
            sql.SQL("alter database {} rename to {}").format(sql.Identifier(database), sql.Identifier(new_name))
        )


def let_reader_in(installation: Installation, database: str) -> None:
    """Give the extraction's login what an Odoo database elsewhere would give it, and nothing else."""
    with psycopg.connect(installation.server.dsn(database), autocommit=True) as source:
        source.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(database)))
        source.execute((SQL_FOLDER / "odoo_reader.sql").read_bytes())
        ensure_login(source, SOURCE_READER, installation.secrets.odoo_reader)

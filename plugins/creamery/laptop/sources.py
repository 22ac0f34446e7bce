"""The embedded server's sources, odoo_<name>: the demo shop, a file of orders, or an Odoo dump."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from creamery.errors import ConfigError, InputError
from creamery.laptop import databases, environment
from creamery.laptop.installation import Installation
from creamery.laptop.postgres import SUPERUSER

Facts = Mapping[str, Any]


@contextmanager
def build(installation: Installation, name: str, facts: Facts) -> Iterator[str]:
    """Fill a new database and let it replace odoo_<name> only when it is complete.

    Gives the administrator's URI of the empty database. `facts` are kept with it, see `describe`.
    """
    final = environment.source_database(check_name(name))
    partial = f"{final}_partial"
    databases.drop(installation, partial)
    with psycopg.connect(installation.server.dsn(), autocommit=True) as server:
        server.execute(sql.SQL("create database {} template template0").format(sql.Identifier(partial)))
    yield installation.server.dsn(partial)
    with psycopg.connect(installation.server.dsn(partial), autocommit=True) as source:
        source.execute(
            sql.SQL("comment on database {} is {}").format(sql.Identifier(partial), sql.Literal(json.dumps(facts)))
        )
        source.execute("vacuum analyze")
    databases.let_reader_in(installation, partial)
    databases.drop(installation, final)
    databases.rename(installation, partial, final)


def describe(installation: Installation, name: str) -> dict[str, Any] | None:
    """The facts kept with a source; None if there is no such source."""
    with psycopg.connect(installation.server.dsn()) as server:
        row = server.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s",
            (environment.source_database(name),),
        ).fetchone()
    return None if row is None else dict(json.loads(row[0] or "{}"))


def names(installation: Installation) -> list[str]:
    """The sources of the embedded server."""
    with psycopg.connect(installation.server.dsn()) as server:
        rows = server.execute(
            "select substr(datname, 6) from pg_database where datname ~ '^odoo_' and datname !~ '_partial$' order by 1"
        ).fetchall()
    return [row[0] for row in rows]


def require(installation: Installation, name: str) -> None:
    """Let the extraction read the source. Raises ConfigError that says how to make one if it does not exist."""
    database = environment.source_database(check_name(name))
    if not databases.exists(installation, database):
        known = ", ".join(names(installation)) or "none"
        raise ConfigError(
            f"There is no source {name} in the embedded server (known: {known}). Make one with make demo, "
            f"make import-orders FILE=... NAME={name} or make restore-odoo DUMP=... NAME={name}, or set "
            f"{environment.SOURCE_CONNECTION} to a database elsewhere."
        )
    databases.let_reader_in(installation, database)  # a new version of the contract may name more columns


def check_name(name: str) -> str:
    """Names end up in database and folder names."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise InputError(f"{name!r} cannot name a warehouse. Use lower-case letters, digits and underscores.")
    return name


def import_orders(installation: Installation, file: Path, name: str | None, flags: Sequence[str]) -> None:
    """Make source `name` (default: from the file's name) of one plain file of orders, or refill it."""
    from creamery.demo_shop.importer.__main__ import main

    chosen = check_name(name or _name_after(file))
    database = environment.source_database(chosen)
    is_new = not databases.exists(installation, database)
    databases.ensure(installation, database, SUPERUSER, installation.secrets.postgres)
    # In this process: as a program it would show the password among its arguments.
    outcome = main([str(file), "--dsn", installation.server.dsn(database), "--name", chosen, *flags])
    if outcome == 0:
        databases.let_reader_in(installation, database)
        return
    if is_new:
        databases.drop(installation, database)
    raise SystemExit(outcome)


def _name_after(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_0123456789")


def restore_odoo(installation: Installation, dump: Path, name: str) -> None:
    """Restore an Odoo dump (pg_dump's custom format) as source `name`. Raises InputError if data is lost.

    Extensions, indexes and constraints that this server cannot make are left out, and said so: the pipeline
    reads whole tables.
    """
    if not dump.is_file():
        raise InputError(f"There is no file {dump}. Give the path of a dump made by pg_dump -Fc.")
    with build(installation, name, {"dump": dump.name}) as dsn:
        database = dsn.rpartition("/")[2]
        left_out = _pg_restore(installation, dump, database, "pre-data")
        if errors := _pg_restore(installation, dump, database, "data"):
            raise InputError("\n  ".join([f"{dump} could not be restored:", *errors]))
        left_out += _pg_restore(installation, dump, database, "post-data")
    print(f"Source {name} is ready; {len(left_out)} parts that need what this server lacks were left out.")
    for line in sorted(set(left_out)):
        print(f"  {line}")
    print(f"Next: make nightly WAREHOUSE={name} AS_OF=<the last day of its orders>")


def _pg_restore(installation: Installation, dump: Path, database: str, section: str) -> list[str]:
    """Restore one section of a dump; gives the errors, one line each."""
    print(f"restoring {section} of {dump.name} ...", flush=True)
    options = ["--no-owner", "--no-privileges", "--jobs=2", f"--section={section}"]
    server = installation.server
    outcome = subprocess.run(
        [str(server.binaries / "pg_restore"), *options, f"--dbname={database}", str(dump)],
        env={**os.environ, **server.client_variables},
        capture_output=True,
        text=True,
    )
    errors = [line.split("ERROR:")[-1].strip() for line in outcome.stderr.splitlines() if "error:" in line.lower()]
    if outcome.returncode != 0 and not errors:
        errors = [outcome.stderr.strip()]
    return errors

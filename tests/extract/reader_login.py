"""The source's least-privileged login, as an administrator makes it in a database of the tests."""

from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo

SCRIPT = (Path(__file__).resolve().parents[2] / "sql" / "odoo_reader.sql").read_text()
_PASSWORD = "only-for-tests-3"


def let_reader_in(uri: str) -> str:
    """Run the script in the database; gives the login's DSN."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(SCRIPT.encode())
        connection.execute(f"alter role creamery_reader password '{_PASSWORD}'".encode())
    return make_conninfo(uri, user="creamery_reader", password=_PASSWORD)


def drop_reader(uri: str) -> None:
    """After the tests: the role is the whole server's."""
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("drop owned by creamery_reader")
        with suppress(errors.DependentObjectsStillExist):  # in a database of someone else on the same server
            connection.execute("drop role creamery_reader")

"""The connection to the database that is being filled, and its scripts in sql/."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from creamery.errors import SourceError

_SQL_FOLDER = Path(__file__).parent / "sql"


def connect(dsn: str) -> psycopg.Connection:
    """Open the database at `dsn`. Raises SourceError where that fails."""
    try:
        return psycopg.connect(dsn, application_name="creamery import", connect_timeout=15)
    except psycopg.ProgrammingError:  # its text repeats parts of the DSN, password and all
        raise SourceError("The DSN is malformed. Write it as postgresql://user@host:port/odoo_name.") from None
    except psycopg.OperationalError as error:
        raise SourceError(
            f"The database to import into cannot be opened: {str(error).strip()}. Check that the server runs "
            "and that the database exists."
        ) from error


def script(name: str) -> bytes:
    """The text of sql/`name`.sql."""
    return (_SQL_FOLDER / f"{name}.sql").read_bytes()


def single_value(connection: psycopg.Connection, query: LiteralString, parameters: Sequence[Any] = ()) -> Any:
    """First column of the query's first row; None without a row."""
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None

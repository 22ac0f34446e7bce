"""A session in the database that keeps the points: one transaction per card, repeated where the connection broke."""

from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from creamery.errors import AccessRefusedError, RefusedError, UnknownOutcomeError

Result = TypeVar("Result")

# A row that Odoo holds must not make us wait for long, with customers waiting behind us. A session that lost its
# client must not hold a card until the server notices.
_LIMITS = (
    "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
    " -c default_transaction_isolation=read\\ committed"
)
_ATTEMPTS = 3


class Session:
    """Runs pieces of work, each in a transaction of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def run(self, work: Callable[[psycopg.Connection], Result]) -> Result:
        """Run `work` and commit. Where the connection breaks nobody knows whether it was committed: then it runs again
        in a new session, so it has to find what it wrote before."""
        for attempt in range(1, _ATTEMPTS + 1):
            connection = self._open()
            try:
                with connection.transaction():
                    return work(connection)
            except errors.InsufficientPrivilege as error:
                raise AccessRefusedError(
                    f"Login {connection.info.user} may not write points in the database {connection.info.dbname} "
                    f"({_first_line(error)}). Run sql/odoo_loyalty_writer.sql there (docs/loyalty-push.md)."
                ) from error
            except psycopg.Error as error:
                if not connection.broken:
                    raise RefusedError(f"{type(error).__name__}: {_first_line(error)}") from error
                self._connection = None
                if attempt == _ATTEMPTS:
                    raise UnknownOutcomeError(
                        f"The connection odoo_loyalty broke {_ATTEMPTS} times ({_first_line(error)}). Clear the task "
                        "once the database answers: it reads back what was written before it goes on."
                    ) from error
        raise AssertionError("unreachable")

    def _open(self) -> psycopg.Connection:
        if self._connection is not None and not self._connection.broken:
            return self._connection
        options = " ".join([_LIMITS, str(conninfo_to_dict(self._dsn).get("options") or "")])
        try:
            self._connection = psycopg.connect(
                make_conninfo(self._dsn, options=options),
                application_name="creamery loyalty",
                connect_timeout=15,
                autocommit=True,
            )
        except psycopg.OperationalError as error:
            raise AccessRefusedError(
                f"The database that keeps the points cannot be opened: {_first_line(error)}. Check host, database, "
                "user and password of the connection odoo_loyalty."
            ) from error
        return self._connection


def _first_line(error: psycopg.Error) -> str:
    """Of the message alone: the detail below it may hold the row."""
    return str(error).strip().partition("\n")[0] or type(error).__name__

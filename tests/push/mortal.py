"""A run that can be killed at every step: before or after each statement and each call to Odoo."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from creamery.odoo import OdooClient
from creamery.odoo.client import Transport


class Killed(BaseException):
    """As SIGKILL: nothing catches it; what was under way is not finished."""


@dataclass
class Life:
    """Counts steps; ends before or after the one numbered `last`. No end where it is None."""

    last: int | None = None
    ends_before: bool = True
    steps: int = 0

    @contextmanager
    def step(self) -> Iterator[None]:
        self.steps += 1
        if self.steps == self.last and self.ends_before:
            raise Killed
        yield
        if self.steps == self.last:
            raise Killed


def connect(dsn: str, life: Life) -> psycopg.Connection:
    """The pusher's connection, whose every statement is a step."""

    class MortalCursor(psycopg.Cursor[Any]):
        def execute(self, *given: Any, **named: Any) -> Any:
            with life.step():
                return super().execute(*given, **named)

        def executemany(self, *given: Any, **named: Any) -> None:
            with life.step():
                super().executemany(*given, **named)

    connection = psycopg.connect(dsn, autocommit=True, cursor_factory=MortalCursor)
    with psycopg.Cursor(connection) as cursor:
        cursor.execute("set role creamery_pusher")
    return connection


@dataclass(frozen=True)
class MortalTransport:
    transport: Transport
    life: Life

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Any:
        with self.life.step():
            return self.transport.call(model, method, ids, named)


def mortal(client: OdooClient, life: Life) -> OdooClient:
    return replace(client, transport=MortalTransport(client.transport, life))

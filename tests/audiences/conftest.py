"""A published warehouse with a handful of customers, on which nights follow each other by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.audiences.desk import Desk
from tests.shops import Built


@pytest.fixture(scope="session")
def desk_uri(built: Built, new_database: Callable[..., str]) -> str:
    """A copy of the demonstration shop's warehouse; what tests write there they roll back."""
    return new_database("desk", template=built.warehouse_admin)


@pytest.fixture
def connection(desk_uri: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(desk_uri) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def desk(connection: psycopg.Connection, tmp_path: Path) -> Desk:
    return Desk(connection, tmp_path)

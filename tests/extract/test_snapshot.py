"""Who waits for whom: streams for the holder of the snapshot, it for them, and neither for ever."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import psycopg
import pytest

from creamery import warehouse
from creamery.errors import SourceError
from creamery.extract import snapshot
from creamery.extract.snapshot import Snapshot
from creamery.warehouse import Role
from tests import nights
from tests.extract.faults import rows_of, sessions, wait_until
from tests.shops import AS_OF

HOUR = 3600.0


@dataclass
class Clock:
    """Stands in for the module time: an hour is over in a moment."""

    step: float = HOUR / 8
    now: float = 0.0
    readings: int = 0

    def monotonic(self) -> float:
        self.now += self.step
        self.readings += 1
        return self.now

    def sleep(self, _: float) -> None:
        time.sleep(0.01)


@dataclass(frozen=True)
class House:
    """A source without a table, and a warehouse with one extraction of it under way."""

    source: str
    target: str
    admin_uri: str
    extraction_id: int


@pytest.fixture(scope="module")
def databases(new_database: Callable[[str], str]) -> tuple[str, str, str]:
    source, admin_uri = new_database("source"), new_database("warehouse")
    return source, nights.prepare_warehouse(admin_uri), admin_uri


@pytest.fixture
def house(databases: tuple[str, str, str]) -> House:
    source, target, admin_uri = databases
    with psycopg.connect(admin_uri) as admin:
        opened = admin.execute(
            "insert into ops.extraction (as_of_date, source_snapshot_at) values (%s, now()) returning extraction_id",
            (AS_OF,),
        ).fetchone()
    assert opened
    return House(source, target, admin_uri, opened[0])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ticking = Clock()
    monkeypatch.setattr(snapshot, "time", ticking)
    return ticking


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as threads:
        yield threads


def test_a_stream_waits_while_another_writer_keeps_the_holder_waiting(
    house: House, clock: Clock, pool: ThreadPoolExecutor
) -> None:
    is_held, is_over = Event(), Event()
    found: list[Snapshot] = []

    def hold() -> None:
        with snapshot.held(house.source, house.target, house.extraction_id) as (_, held):
            found.append(held)
            is_held.set()
            is_over.wait(120)

    try:
        with warehouse.writer(house.target, Role.LOADER, "a build that takes hours"):
            pool.submit(hold)
            waiting = "application_name like 'creamery waiting%'"
            wait_until(lambda: sessions(house.admin_uri, waiting), "the holder in the queue")
            joining = pool.submit(snapshot.join, house.target, house.extraction_id, 600.0)
            wait_until(lambda: clock.readings > 40 or joining.done(), "hours of patience")
            clock.step = 0.0
        assert joining.result(60) == found[0]
    finally:
        is_over.set()


def test_a_stream_gives_up_where_nobody_comes(house: House, clock: Clock) -> None:
    with pytest.raises(SourceError, match="No snapshot of the source is held"):
        snapshot.join(house.target, house.extraction_id, HOUR)


def test_a_snapshot_that_nobody_copies_from_is_given_back(house: House, clock: Clock) -> None:
    """Whoever was to close the extraction had given up before it was opened."""
    with (
        snapshot.held(house.source, house.target, house.extraction_id) as (odoo, held),
        pytest.raises(SourceError, match=r"nobody has copied for 60 minutes.*clear the run"),
    ):
        snapshot.wait_until_closed(house.target, held, odoo, 1000 * HOUR, HOUR)
    with warehouse.writer(house.target, Role.LOADER, "the next"):
        pass


def test_a_stream_keeps_the_snapshot_as_long_as_it_takes(house: House, clock: Clock, pool: ThreadPoolExecutor) -> None:
    with (
        snapshot.held(house.source, house.target, house.extraction_id) as (odoo, held),
        warehouse.connect(house.target, Role.LOADER, held.application_name) as stream,
    ):
        waiting = pool.submit(snapshot.wait_until_closed, house.target, held, odoo, 1000 * HOUR, HOUR)
        wait_until(lambda: clock.readings > 40 or waiting.done(), "hours of copying")
        clock.step = 0.0
        stream.execute("update ops.extraction set state = 'complete' where state = 'loading'")
        stream.commit()
        assert waiting.result(60) is None
    assert rows_of(house.admin_uri, "select count(*) from ops.extraction where state = 'loading'") == [(0,)]

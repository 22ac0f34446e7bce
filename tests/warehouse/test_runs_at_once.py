"""Two back-fills and a night at once: nothing interleaves, and the rows are those of one run after another."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import psycopg
import pytest

from creamery.demo_shop.shop import create_shop
from creamery.errors import WarehouseError
from creamery.orchestration import dbt
from tests import nights
from tests.extract.raw_tables import let_a_day_pass, rows
from tests.shops import AS_OF
from tests.warehouse.test_as_of import marts_of

NewDatabase = Callable[..., str]
FIRST_BACK_FILL = (dt.date(2026, 8, 31), dt.date(2026, 9, 30))
PRICES_RISE = """
    update sale_order_line set price_subtotal = price_subtotal + 1, price_total = price_total + 1,
    write_date = now() at time zone 'UTC'
"""


@dataclass(frozen=True)
class Waiting:
    """A shop whose prices rose since its first extraction, which saw the end of `then`; `now` is to be extracted."""

    source: str
    warehouse_admin: str
    then: dt.date
    now: dt.date


@pytest.fixture(scope="module")
def waiting(new_database: NewDatabase) -> Waiting:
    source, admin_uri = new_database("shop"), new_database("warehouse")
    create_shop(source, customers=60, as_of=AS_OF, seed=11)
    nights.extract(source, nights.prepare_warehouse(admin_uri), AS_OF)
    ((now,),) = rows(
        admin_uri,
        "select (source_snapshot_at at time zone business_time_zone)::date - 1 from ops.extraction, ops.warehouse",
    )
    assert isinstance(now, dt.date)
    let_a_day_pass(admin_uri)
    with psycopg.connect(source) as connection:
        connection.execute(PRICES_RISE.encode())
    return Waiting(source, admin_uri, now - dt.timedelta(days=1), now)


def own_copy(waiting: Waiting, new_database: NewDatabase) -> tuple[str, str]:
    admin_uri = new_database("warehouse", template=waiting.warehouse_admin)
    return admin_uri, nights.prepare_warehouse(admin_uri)


@dataclass
class Runs:
    """Runs that start together. One that is overtaken is repeated from open_generation on, as somebody clears it, in a
    queue with the others: Airflow has one run of build_warehouse at a time."""

    target: str
    together: threading.Barrier
    queue: threading.Lock
    overtaken: list[str]

    def back_fill(self, *days: dt.date) -> None:
        """Builds once all have opened their generations."""
        opened = nights.open_generation(self.target, *days)
        self.together.wait()
        self._until_built(partial(nights.build_opened, self.target, *opened), days)

    def night(self, source: str, day: dt.date) -> None:
        """Extracts while the others build."""
        self.together.wait()
        nights.extract(source, self.target, day)
        self._until_built(partial(nights.build, self.target, day), (day,))

    def _until_built(self, build: Callable[[], object], days: tuple[dt.date, ...]) -> None:
        while True:
            try:
                build()
                return
            except WarehouseError as error:
                self.overtaken.append(str(error))
                build = partial(self._in_turn, days)

    def _in_turn(self, days: tuple[dt.date, ...]) -> None:
        with self.queue:
            nights.build(self.target, *days)


@pytest.mark.slow
def test_runs_that_start_together(waiting: Waiting, new_database: NewDatabase) -> None:
    admin_uri, target = own_copy(waiting, new_database)
    second_back_fill = (dt.date(2026, 10, 31), waiting.then)
    runs = Runs(target, threading.Barrier(3), threading.Lock(), [])
    with ThreadPoolExecutor() as threads:
        started = [
            threads.submit(runs.back_fill, *FIRST_BACK_FILL),
            threads.submit(runs.back_fill, *second_back_fill),
            threads.submit(runs.night, waiting.source, waiting.now),
        ]
        for each in started:
            each.result()
    assert runs.overtaken
    alone_admin, alone = own_copy(waiting, new_database)
    nights.build(alone, *FIRST_BACK_FILL)
    nights.build(alone, *second_back_fill)
    nights.run(waiting.source, alone, waiting.now)
    for day in (*FIRST_BACK_FILL, *second_back_fill, waiting.now):
        expected = marts_of(alone_admin, day)
        assert expected["fact_customer_rfm"]
        assert marts_of(admin_uri, day) == expected, day
    assert nights.published_hash(admin_uri) == nights.published_hash(alone_admin)


@pytest.mark.slow
def test_rows_that_come_in_between_are_not_taken_for_the_days(waiting: Waiting, new_database: NewDatabase) -> None:
    """A night that extracts between two layers of another run: the day would be built from rows of later."""
    _, target = own_copy(waiting, new_database)
    generation, moments = nights.open_generation(target, waiting.then)
    assert [moment.known_at for moment in moments] == [None]
    dbt.build_layer(target, dbt.STAGING, moments[0], generation)
    nights.extract(waiting.source, target, waiting.now)
    with pytest.raises(WarehouseError, match=rf"rows of {waiting.then} have changed since generation {generation}"):
        dbt.build_layer(target, dbt.STAR, moments[0], generation)

"""Extraction from a hot standby: it shows the same rows, cancels who stands in its way, and may lag behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from creamery.demo_shop.shop import create_shop
from creamery.errors import SourceError
from creamery.laptop.postgres import Server
from tests import nights
from tests.conftest import free_port
from tests.extract import faults
from tests.extract.faults import Drill, execute, rows_of
from tests.shops import AS_OF

pytestmark = pytest.mark.slow

REPLICATION = """
wal_level = replica
max_wal_senders = 5
autovacuum = off
max_standby_streaming_delay = 0
"""


@dataclass(frozen=True)
class Pair:
    """A primary with a shop, and its standby."""

    primary: Server
    standby: Server
    log: Path

    @property
    def shop(self) -> str:
        return self.primary.dsn("shop")

    @property
    def replica(self) -> str:
        return self.standby.dsn("shop")

    def commit_and_catch_up(self) -> None:
        execute(self.shop, "create table heartbeat ()", "drop table heartbeat")
        self.catch_up()

    def catch_up(self) -> None:
        """Until the standby has what the primary has. Of the time it learns by commits alone."""
        ((written,),) = rows_of(self.shop, "select pg_current_wal_lsn()::text")

        def has_replayed() -> bool:
            with suppress(psycopg.errors.SerializationFailure):  # what is replayed cancels even this question
                return rows_of(self.replica, f"select pg_last_wal_replay_lsn() >= '{written}'") == [(True,)]
            return False

        faults.wait_until(has_replayed, "the standby's catching up")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folders = [tmp_path_factory.mktemp(name) for name in ("primary", "standby")]
    with faults.own_server(folders[0], free_port(), REPLICATION) as primary:
        execute(primary.dsn(), "create database shop")
        create_shop(primary.dsn("shop"), customers=60, as_of=AS_OF, seed=13)
        with faults.own_server(folders[1], free_port(), REPLICATION, copy_of=primary) as standby:
            yield Pair(primary, standby, folders[1] / "restarted.log")


@pytest.fixture
def replicated(pair: Pair, new_database: Callable[[str], str]) -> Drill:
    """A drill whose source is the standby."""
    admin_uri, undisturbed = new_database("warehouse"), new_database("warehouse")
    nights.extract(pair.shop, nights.prepare_warehouse(undisturbed), AS_OF)
    pair.commit_and_catch_up()
    return Drill(pair.replica, nights.prepare_warehouse(admin_uri), admin_uri, faults.current_rows(undisturbed))


def test_a_standby_cancels_what_stands_in_its_way(pair: Pair, replicated: Drill) -> None:
    with faults.slow_reading(pair.shop), ThreadPoolExecutor() as pool:
        pair.commit_and_catch_up()
        extracting = pool.submit(nights.extract, pair.replica, replicated.target, AS_OF)
        faults.wait_until(lambda: faults.sessions(pair.replica, faults.IN_MID_COPY), "COPY of sale_order_line")
        execute(
            pair.shop,
            "update sale_order_line_as_it_is set sequence = sequence",
            "vacuum sale_order_line_as_it_is",
        )
        with pytest.raises(SourceError, match=r"Not loaded: sale_order_line \(.* conflict with recovery"):
            extracting.result(60)
    faults.assert_watermarks_tell_the_truth(replicated.admin_uri)
    pair.commit_and_catch_up()
    replicated.heal()


def test_a_standby_that_lags_behind_the_last_extraction_is_refused(pair: Pair, replicated: Drill) -> None:
    execute(pair.replica, "select pg_wal_replay_pause()")
    execute(pair.shop, "update res_partner set city = 'Moved', write_date = now() at time zone 'UTC'")
    nights.extract(pair.shop, replicated.target, AS_OF)
    expected = faults.current_rows(replicated.admin_uri)
    assert expected != replicated.expected
    with pytest.raises(SourceError, match=r"older than those of the last extraction .* let it catch up"):
        nights.extract(pair.replica, replicated.target, AS_OF)
    assert faults.current_rows(replicated.admin_uri) == expected
    with suppress(psycopg.errors.SerializationFailure):  # what it sets off may cancel it
        execute(pair.replica, "select pg_wal_replay_resume()")
    pair.commit_and_catch_up()
    Drill(pair.replica, replicated.target, replicated.admin_uri, expected).heal()


def test_a_standby_that_lags_and_was_restarted_is_refused(pair: Pair, replicated: Drill) -> None:
    """It has replayed nothing since its start, so it does not know of when its data are."""
    ((connection,),) = rows_of(pair.replica, "show primary_conninfo")
    execute(pair.shop, "checkpoint")
    pair.catch_up()
    execute(pair.replica, "checkpoint", "alter system set primary_conninfo = ''", "select pg_reload_conf()")
    execute(pair.shop, "update res_partner set city = 'Moved on', write_date = now() at time zone 'UTC'")
    nights.extract(pair.shop, replicated.target, AS_OF)
    expected = faults.current_rows(replicated.admin_uri)
    pair.standby.stop_leftover()
    with faults.running(pair.standby, pair.log):
        assert rows_of(pair.replica, "select pg_last_xact_replay_timestamp()") == [(None,)]
        with pytest.raises(SourceError, match=r"older than those of the last extraction .* let it catch up"):
            nights.extract(pair.replica, replicated.target, AS_OF)
        quoted = str(connection).replace("'", "''")
        execute(pair.replica, f"alter system set primary_conninfo = '{quoted}'", "select pg_reload_conf()")
        pair.commit_and_catch_up()
        Drill(pair.replica, replicated.target, replicated.admin_uri, expected).heal()

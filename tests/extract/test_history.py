"""Whatever happens to the source's rows between extractions: the current rows are the source's, the past stays.

The reference is the source itself, read at every extraction: a list of what it held at which moment.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creamery import warehouse
from creamery.extract import raw, record, run, snapshot
from creamery.extract.contract import CONTRACT, SourceTable
from creamery.extract.load import LoadOptions, Mode, load_table
from creamery.extract.probe import plan_tables
from creamery.extract.record import Landed
from creamery.warehouse import Role
from tests import nights
from tests.shops import AS_OF

Row = tuple[object, ...]
Rows = dict[Row, Row]  # by key
Change = Callable[["House"], None]

# What is read of each table, the key first.
COLUMNS = {
    "loyalty_card": "id, program_id, partner_id, write_date, points::numeric",
    "mail_mass_mailing_list_rel": "mailing_mailing_id, mailing_list_id",
}
TABLES = tuple(table for table in CONTRACT if table.name in COLUMNS)
CARD, LINK = TABLES[1], TABLES[0]
SOURCE_TABLES = """
    create table loyalty_card (
        id int4 primary key, program_id int4, partner_id int4, points float8, write_date timestamp
    );
    create table mail_mass_mailing_list_rel (
        mailing_mailing_id int4, mailing_list_id int4, primary key (mailing_mailing_id, mailing_list_id)
    )
"""
LONG_AGO = dt.datetime(2020, 1, 1)


def options(follow_changes_from: int, is_full: bool = False, overlap: dt.timedelta = dt.timedelta()) -> LoadOptions:
    """No overlap unless asked for: a row is found by what is meant to find it, not because it is a minute old."""
    return LoadOptions(overlap, follow_changes_from, shrink_percent=20, history_days=None, is_full=is_full)


WHOLE, CHANGES, FULL = options(1_000_000), options(0), options(0, is_full=True)


@dataclass
class House:
    """A source of two tables, a warehouse, and what the source held at each extraction."""

    source: str
    target: str
    odoo: psycopg.Connection
    admin: psycopg.Connection
    pictures: list[tuple[dt.datetime, dict[str, Rows]]] = field(default_factory=list)

    def change(self, statement: str, *values: object) -> None:
        self.odoo.execute(statement.encode(), values)

    def write(self, card: int, partner: int | None, points: str) -> None:
        """As Odoo does: write_date moves along."""
        self.change(
            "insert into loyalty_card values (%s, 1, %s, %s, now() at time zone 'UTC') on conflict (id) do update"
            " set partner_id = excluded.partner_id, points = excluded.points, write_date = excluded.write_date",
            *(card, partner, points),
        )

    def extract(self, how: LoadOptions) -> dict[str, Landed]:
        """One extraction of both tables; remembers what the source held."""
        plans = plan_tables(self.odoo, TABLES)
        with warehouse.connect(self.target, Role.LOADER) as connection:
            opened = connection.execute(
                "insert into ops.extraction (as_of_date, source_snapshot_at) values (%s, now())"
                " returning extraction_id",
                (AS_OF,),
            ).fetchone()
            assert opened
            night = run.Night(AS_OF, opened[0])
            record.store_probe(connection, plans, night.extraction_id)
        with (
            snapshot.held(self.source, self.target, night.extraction_id) as (odoo, held),
            warehouse.connect(self.target, Role.LOADER, held.application_name) as connection,
        ):
            self.pictures.append(
                (held.taken_at, {table.name: rows_of(self.odoo, table, table.name) for table in TABLES})
            )
            landed = {plan.table.name: load_table(odoo, connection, plan, held, how) for plan in plans}
            connection.commit()
            run.close_night(self.target, night)
        return landed

    def known(self, table: SourceTable) -> list[tuple[dt.datetime, Rows]]:
        """What a reader should find for each extraction: the source's rows that are no poison."""
        return [
            (moment, {key: row for key, row in rows[table.name].items() if not is_poison(row)})
            for moment, rows in self.pictures
        ]

    def current(self, table: SourceTable) -> Rows:
        return rows_of(self.admin, table, f"raw_odoo.{table.name} where _valid_to = 'infinity'")

    def at(self, table: SourceTable, moment: dt.datetime) -> Rows:
        return rows_of(
            self.admin, table, f"raw_odoo.{table.name} where _valid_from <= %(m)s and %(m)s < _valid_to", m=moment
        )

    def versions(self, table: SourceTable) -> list[Row]:
        """Key, end (None: current), and whether the row was gone then, of every version."""
        return self.admin.execute(
            f"select {', '.join(table.key)}, nullif(_valid_to, 'infinity'), _is_deleted"
            f" from raw_odoo.{table.name}".encode()
        ).fetchall()


def rows_of(connection: psycopg.Connection, table: SourceTable, relation: str, **values: object) -> Rows:
    rows = connection.execute(f"select {COLUMNS[table.name]} from {relation}".encode(), values).fetchall()
    keyed = {row[: len(table.key)]: row for row in rows}
    assert len(keyed) == len(rows), f"{table.name}: a key twice"
    return keyed


def is_poison(row: Row) -> bool:
    return isinstance(row[-1], Decimal) and row[-1].is_nan()


@pytest.fixture(scope="module")
def databases(new_database: Callable[[str], str]) -> Iterator[House]:
    source, admin_uri = new_database("source"), new_database("warehouse")
    target = nights.prepare_warehouse(admin_uri)
    with psycopg.connect(source, autocommit=True) as odoo, psycopg.connect(admin_uri, autocommit=True) as admin:
        odoo.execute(SOURCE_TABLES.encode())
        with warehouse.connect(target, Role.LOADER) as connection:
            for table in TABLES:
                raw.create(connection, table)
        yield House(source, target, odoo, admin)


@pytest.fixture
def empty(databases: House) -> Callable[[], House]:
    """A function: the same two databases without a row, as if nothing had ever been extracted."""

    def make() -> House:
        databases.pictures.clear()
        databases.change(f"truncate {', '.join(table.name for table in TABLES)}")
        for table in TABLES:
            databases.admin.execute(f"truncate raw_odoo.{table.name}".encode())
        databases.admin.execute("truncate ops.extraction cascade")
        return databases

    return make


# Neighbouring and distant ids, at both ends of the spans that checksums are made of, and the last one there is.
IDS = st.sampled_from([1, 2, 1023, 1024, 5000, 2**31 - 1])
LATE_IDS = st.sampled_from([3, 1025, 9000])
PARTNERS = st.sampled_from([None, 1, 2, 3])
POINTS = st.sampled_from(["0", "-5", "12.5", "NaN"])


def written(card: int, partner: int | None, points: str) -> Change:
    return lambda house: house.write(card, partner, points)


def committed_late(card: int, partner: int | None, points: str) -> Change:
    """A row of a transaction that began long before the last extraction and ended after it."""
    return lambda house: house.change(
        "insert into loyalty_card values (%s, 1, %s, %s, %s) on conflict do nothing", card, partner, points, LONG_AGO
    )


def merged(loser: int | None, survivor: int | None) -> Change:
    """References rewritten by plain SQL, which tells nobody."""
    return lambda house: house.change(
        "update loyalty_card set partner_id = %s where partner_id is not distinct from %s", survivor, loser
    )


def unstamped(card: int, points: str) -> Change:
    return lambda house: house.change(
        "update loyalty_card set points = %s, write_date = null where id = %s", points, card
    )


def deleted(card: int) -> Change:
    return lambda house: house.change("delete from loyalty_card where id = %s", card)


def linked(mailing: int, mailing_list: int) -> Change:
    return lambda house: house.change(
        "insert into mail_mass_mailing_list_rel values (%s, %s) on conflict do nothing", mailing, mailing_list
    )


def unlinked(mailing: int) -> Change:
    return lambda house: house.change("delete from mail_mass_mailing_list_rel where mailing_mailing_id = %s", mailing)


def silently(card: int, points: str) -> Change:
    """By hand, in SQL: no write_date, no reference."""
    return lambda house: house.change("update loyalty_card set points = %s where id = %s", points, card)


TRACEABLE = st.one_of(
    st.builds(written, IDS, PARTNERS, POINTS),
    st.builds(committed_late, LATE_IDS, PARTNERS, POINTS),
    st.builds(merged, PARTNERS, PARTNERS),
    st.builds(unstamped, IDS, POINTS),
    st.builds(deleted, IDS),
    st.builds(linked, IDS, IDS),
    st.builds(unlinked, IDS),
)
UNTRACEABLE = st.builds(silently, st.one_of(IDS, LATE_IDS), POINTS)


def between_extractions(changes: st.SearchStrategy[Change]) -> st.SearchStrategy[list[list[Change]]]:
    return st.lists(st.lists(changes, max_size=3), min_size=2, max_size=6)


some_examples = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@some_examples
@given(nights_changes=between_extractions(TRACEABLE))
def test_what_changed_is_found_and_the_past_stays(
    empty: Callable[[], House], nights_changes: list[list[Change]]
) -> None:
    check_history(empty(), nights_changes, CHANGES)


@some_examples
@given(nights_changes=between_extractions(TRACEABLE | UNTRACEABLE))
def test_tables_read_whole_miss_nothing(empty: Callable[[], House], nights_changes: list[list[Change]]) -> None:
    check_history(empty(), nights_changes, WHOLE)


def check_history(house: House, nights_changes: list[list[Change]], how: LoadOptions) -> None:
    for changes in nights_changes:
        for change in changes:
            change(house)
        landed = house.extract(how)
        for table in TABLES:
            _, rows = house.known(table)[-1]
            assert house.current(table) == rows
            assert landed[table.name].source_rows == len(house.pictures[-1][1][table.name])
            assert landed[table.name].loaded_rows == len(rows)
    for table in TABLES:
        assert sorted(house.versions(table), key=repr) == sorted(expected_versions(house, table), key=repr)
        for moment, rows in house.known(table):
            assert house.at(table, moment) == rows
        assert house.at(table, LONG_AGO.replace(tzinfo=dt.UTC)) == {}
    repeated = house.extract(how)
    assert {(each.changed_rows, each.deleted_rows) for each in repeated.values()} == {(0, 0)}


def expected_versions(house: House, table: SourceTable) -> list[Row]:
    """As House.versions: one per difference between an extraction and the next, none without."""
    known = house.known(table)
    versions: list[Row] = [(*key, None, False) for key in known[-1][1]]
    for (_, before), (moment, after) in pairwise(known):
        present = dict(house.pictures)[moment][table.name]
        versions += [(*key, moment, key not in present) for key, row in before.items() if after.get(key) != row]
    return versions


def test_what_leaves_no_trace_is_healed_by_a_full_extraction(empty: Callable[[], House]) -> None:
    house = empty()
    house.write(1, 1, "10")
    house.change("update loyalty_card set write_date = %s", LONG_AGO)
    house.extract(CHANGES)
    silently(1, "11")(house)
    assert house.extract(CHANGES)["loyalty_card"].changed_rows == 0
    assert house.current(CARD)[1,][-1] == 10
    assert house.extract(FULL)["loyalty_card"].changed_rows == 1
    assert house.current(CARD)[1,][-1] == 11
    # The past is what was known of it.
    assert [house.at(CARD, moment)[1,][-1] for moment, _ in house.pictures] == [10, 10, 11]


@pytest.mark.parametrize(("overlap", "changed"), [(dt.timedelta(hours=1), 1), (dt.timedelta(minutes=1), 0)])
def test_a_late_commit_is_found_within_the_overlap(
    empty: Callable[[], House], overlap: dt.timedelta, changed: int
) -> None:
    """A transaction of half an hour changes a row: write_date is that of its start."""
    house = empty()
    house.write(1, 1, "10")
    house.extract(CHANGES)
    house.change("update loyalty_card set points = 11, write_date = now() at time zone 'UTC' - interval '30 minutes'")
    assert house.extract(options(0, overlap=overlap))["loyalty_card"].changed_rows == changed


def test_references_rewritten_all_over_a_table_are_found(empty: Callable[[], House]) -> None:
    """More spans of ids than are looked up one by one."""
    house = empty()
    house.change(
        "insert into loyalty_card select id * 3000, 1, id, id, %s from generate_series(1, 300) as id", LONG_AGO
    )
    assert house.extract(CHANGES)["loyalty_card"].mode == Mode.FIRST
    house.change("update loyalty_card set partner_id = 7")
    landed = house.extract(CHANGES)["loyalty_card"]
    assert (landed.mode, landed.changed_rows, landed.deleted_rows) == (Mode.CHANGES, 299, 0)
    assert house.current(CARD) == house.known(CARD)[-1][1]


def test_a_row_without_a_write_date_is_read_every_time(empty: Callable[[], House]) -> None:
    house = empty()
    house.change("insert into loyalty_card values (1, 1, 1, 10, null)")
    house.extract(CHANGES)
    silently(1, "11")(house)
    assert house.extract(CHANGES)["loyalty_card"].changed_rows == 1

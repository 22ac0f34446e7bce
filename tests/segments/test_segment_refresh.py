"""Entries and exits over days: run again, fallen behind, broken, refused, removed."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from creamery.errors import InputError, WarehouseError
from creamery.segments import Catalogue, Outcome, Refreshed, load_segments, refresh
from creamery.warehouse import Role, connect
from tests.segments.scratch import put_customers

Stay = tuple[str, int, int, int | None]  # segment, customer, day entered, day left
COMPANIES = {"field": "is_company", "operator": "eq", "value": True}


def november(number: int) -> dt.date:
    return dt.date(2026, 11, number)


class Shop:
    """Definitions in a folder, customers in the warehouse, and nights that refresh the segments."""

    def __init__(self, connection: psycopg.Connection, folder: Path, catalogue: Catalogue) -> None:
        self.connection, self.folder, self.catalogue = connection, folder, catalogue

    def define(self, name: str, conditions: object = COMPANIES, **other: object) -> None:
        head = {"name": name, "title": name, "description": "Of a test.", "type": "dynamic"}
        rule = {} if "customer_ids" in other else {"conditions": conditions}
        (self.folder / f"{name}.yaml").write_text(json.dumps(head | rule | other))

    def companies(self, keys: Iterable[int]) -> None:
        """Customers 1 to 5 are in the warehouse; those of `keys` are companies."""
        self.connection.execute("delete from star.dim_customer")
        self.connection.execute("delete from marts.customer_lifecycle")
        companies = set(keys)
        put_customers(
            self.connection,
            [{"customer_sk": n, "is_company": n in companies} for n in range(1, 6)],
            [november(number) for number in range(1, 10)],
        )

    def night(self, number: int) -> dict[str, Refreshed]:
        segments = load_segments(self.folder, self.catalogue)
        results = refresh(self.connection, segments, self.catalogue, november(number), self.generation(number))
        assert len({result.name for result in results}) == len(results)
        return {result.name: result for result in results}

    def generation(self, number: int) -> int:
        row = self.connection.execute(
            "insert into ops.generation (as_of_dates) values (array[%s]) returning generation", (november(number),)
        ).fetchone()
        assert row
        return int(row[0])

    def stays(self) -> list[Stay]:
        return self.connection.execute(
            "select segment_name, customer_sk, extract(day from entered_date)::int, extract(day from left_date)::int"
            " from scores.segment_membership order by 1, 2, 3"
        ).fetchall()

    def errors(self) -> dict[str, str]:
        return dict(
            self.connection.execute(
                "select segment_name, last_error from scores.segment_definition where last_error is not null"
            ).fetchall()
        )

    def everything(self) -> list[object]:
        return [
            self.connection.execute(f"select * from scores.{table} order by 1, 2, 3".encode()).fetchall()
            for table in ("segment_membership", "segment_definition")
        ]


@pytest.fixture
def shop(connection: psycopg.Connection, tmp_path: Path, catalogue: Catalogue) -> Shop:
    """One segment, of companies."""
    shop = Shop(connection, tmp_path, catalogue)
    shop.define("companies")
    return shop


def test_entries_and_exits_are_events(shop: Shop) -> None:
    shop.companies([1, 2])
    assert shop.night(1)["companies"] == Refreshed("companies", Outcome.REFRESHED, 2, 2, 0)
    shop.companies([2, 3])
    assert shop.night(2)["companies"] == Refreshed("companies", Outcome.REFRESHED, 2, 1, 1)
    shop.companies([1, 2])
    assert shop.night(4)["companies"] == Refreshed("companies", Outcome.REFRESHED, 2, 1, 1)
    assert shop.stays() == [
        ("companies", 1, 1, 2),
        ("companies", 1, 4, None),  # coming back is a stay of its own
        ("companies", 2, 1, None),
        ("companies", 3, 2, 4),
    ]


def test_the_same_day_twice_changes_nothing(shop: Shop) -> None:
    for number, companies in ((1, [1, 2]), (2, [2, 3])):
        shop.companies(companies)
        first = shop.night(number)
        before = shop.everything()
        assert shop.night(number) == first
        assert shop.everything() == before


def test_of_a_day_only_the_last_run_counts(shop: Shop) -> None:
    shop.companies([1, 2])
    shop.night(1)
    shop.companies([2, 3])
    shop.night(2)
    shop.companies([1, 2, 4])  # the day again, after a correction: nobody left, and 3 was never in
    assert shop.night(2)["companies"] == Refreshed("companies", Outcome.REFRESHED, 3, 1, 0)
    assert shop.stays() == [("companies", 1, 1, None), ("companies", 2, 1, None), ("companies", 4, 2, None)]


def test_an_earlier_day_is_refused(shop: Shop) -> None:
    shop.companies([1])
    shop.night(5)
    before = shop.everything()
    shop.companies([2])
    shop.define("newcomer")
    with pytest.raises(InputError, match="2026-11-05"):
        shop.night(4)
    assert shop.everything() == before
    assert shop.night(6)["companies"].left_count == 1


def test_days_may_come_in_any_order_until_one_is_refreshed(shop: Shop) -> None:
    shop.companies([1])
    (shop.folder / "companies.yaml").rename(shop.folder / "companies.txt")
    assert shop.night(5) == {}
    (shop.folder / "companies.txt").rename(shop.folder / "companies.yaml")
    assert shop.night(1)["companies"].entered_count == 1


@pytest.mark.parametrize("fault", ["a missing column", "a timeout"])
def test_one_that_fails_leaves_the_others_alone(shop: Shop, fault: str) -> None:
    shop.define("fragile", {"field": "is_lead", "operator": "is_null", "value": True})
    shop.companies([1])
    shop.night(1)
    sound, broken = shop.catalogue, shop.catalogue.fields["is_lead"]
    relations = dict(sound.relations)
    if fault == "a timeout":
        shop.connection.execute(
            "create view marts.slow as select 1::bigint as customer_sk, null::bigint as generation_to,"
            " pg_sleep(5) is null as is_lead"
        )
        shop.connection.execute("set local statement_timeout = '300ms'")
        relations["slow"] = replace(relations["rfm"], name="slow", table="slow", is_snapshot=False)
        broken = replace(broken, relation="slow")
    else:
        broken = replace(broken, column="no_such_column")
    shop.catalogue = Catalogue(relations, {**sound.fields, "is_lead": broken})
    shop.companies([1, 2])
    results = shop.night(2)
    said = {"a missing column": "no_such_column", "a timeout": "statement timeout"}[fault]
    assert results["companies"] == Refreshed("companies", Outcome.REFRESHED, 2, 1, 0)
    assert (results["fragile"].outcome, said in str(results["fragile"].error)) == (Outcome.FAILED, True)
    assert said in shop.errors()["fragile"]
    assert [stay for stay in shop.stays() if stay[0] == "fragile"] == [("fragile", n, 1, None) for n in range(1, 6)]
    shop.catalogue = sound
    assert shop.night(3)["fragile"].outcome == Outcome.REFRESHED
    assert shop.errors() == {}


def test_a_refused_definition_keeps_its_members(shop: Shop) -> None:
    shop.define("other")
    shop.define("companies", refresh_interval_hours=168)
    shop.companies([1])
    shop.night(1)
    shop.define("companies", {"field": "is_compny", "operator": "eq", "value": True})
    shop.companies([2])
    results = shop.night(2)
    assert results["companies"].outcome == Outcome.REFUSED
    assert "unknown_field" in shop.errors()["companies"]
    assert shop.stays() == [("companies", 1, 1, None), ("other", 1, 1, 2), ("other", 2, 2, None)]
    shop.define("companies", refresh_interval_hours=168)
    shop.night(3)  # once it can be read again, whatever the interval
    assert shop.stays()[:2] == [("companies", 1, 1, 3), ("companies", 2, 3, None)]
    assert shop.errors() == {}


def test_a_removed_definition_ends_its_stays(shop: Shop) -> None:
    shop.define("companies", refresh_interval_hours=168)
    shop.companies([1, 2])
    shop.night(1)
    file = shop.folder / "companies.yaml"
    file.rename(file.with_suffix(".off"))
    assert shop.night(2)["companies"] == Refreshed("companies", Outcome.REMOVED, 0, 0, 2)
    assert shop.night(2) == {}
    assert shop.night(3) == {}
    assert shop.stays() == [("companies", 1, 1, 2), ("companies", 2, 1, 2)]
    with pytest.raises(InputError):
        shop.night(1)
    file.with_suffix(".off").rename(file)
    assert shop.night(4)["companies"].entered_count == 2  # at once, whatever the interval
    assert shop.night(5)["companies"].outcome == Outcome.NOT_DUE
    file.unlink()
    assert shop.night(6)["companies"] == Refreshed("companies", Outcome.REMOVED, 0, 0, 2)
    assert shop.stays()[:2] == [("companies", 1, 1, 2), ("companies", 1, 4, 6)]


def test_one_removed_and_restored_on_a_day_never_left(shop: Shop) -> None:
    shop.companies([1])
    shop.night(1)
    file = shop.folder / "companies.yaml"
    file.rename(file.with_suffix(".off"))
    shop.night(2)
    file.with_suffix(".off").rename(file)
    shop.night(2)
    assert shop.stays() == [("companies", 1, 1, None)]


@pytest.mark.parametrize(("hours", "due"), [(24, [1, 2, 3, 8, 9]), (25, [1, 3, 8]), (168, [1, 8]), (169, [1, 9])])
def test_a_segment_is_refreshed_when_its_interval_has_passed(shop: Shop, hours: int, due: list[int]) -> None:
    shop.define("companies", refresh_interval_hours=hours)
    shop.companies([1])
    refreshed = [n for n in (1, 2, 3, 8, 9) if shop.night(n)["companies"].outcome == Outcome.REFRESHED]
    assert refreshed == due


def test_a_changed_definition_is_refreshed_at_once(shop: Shop) -> None:
    shop.define("companies", refresh_interval_hours=168)
    shop.companies([1])
    shop.night(1)
    shop.define("companies", {"not": COMPANIES}, refresh_interval_hours=168)
    assert shop.night(2)["companies"] == Refreshed("companies", Outcome.REFRESHED, 4, 4, 1)
    assert shop.night(3)["companies"].outcome == Outcome.NOT_DUE
    stored = shop.connection.execute("select definition -> 'conditions' from scores.segment_definition").fetchone()
    assert stored == ({"not": COMPANIES},)


def test_only_the_generation_being_built_may_refresh(shop: Shop) -> None:
    shop.companies([1])
    generation = shop.generation(1)
    shop.connection.execute("update ops.generation set state = 'abandoned' where generation = %s", (generation,))
    segments = load_segments(shop.folder, shop.catalogue)
    with pytest.raises(WarehouseError, match="abandoned"):
        refresh(shop.connection, segments, shop.catalogue, november(1), generation)
    assert shop.stays() == []


def test_a_refresh_is_committed(warehouse_dsn: str, tmp_path: Path, catalogue: Catalogue) -> None:
    """Where the caller has no transaction of its own."""
    with connect(warehouse_dsn, Role.TRANSFORMER) as own, connect(warehouse_dsn, Role.TRANSFORMER) as other:
        shop = Shop(own, tmp_path, catalogue)
        shop.define("staff", type="static", customer_ids=[1])
        generation = shop.generation(1)
        own.commit()
        refresh(own, load_segments(tmp_path, catalogue), catalogue, november(1), generation)
        assert other.execute("delete from scores.segment_definition returning segment_name").fetchall() == [("staff",)]

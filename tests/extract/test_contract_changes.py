"""Odoo changes under the extraction: what is new is told, what is gone stops its own table until somebody mends it."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg
import pytest

from creamery import settings
from creamery.demo_shop.shop import create_shop
from creamery.errors import ContractError
from creamery.extract import run
from tests import nights
from tests.extract.raw_tables import CURRENT, fingerprints, known_at, rows
from tests.extract.reader_login import drop_reader, let_reader_in

AS_OF = dt.date(2026, 11, 19)
NewDatabase = Callable[..., str]


@dataclass(frozen=True)
class Pair:
    """An Odoo database, and a warehouse that has seen it once."""

    odoo: str
    warehouse: str
    target: str

    def change(self, *statements: str) -> None:
        with psycopg.connect(self.odoo) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def extract(self, **how: list[str]) -> None:
        nights.extract(self.odoo, self.target, AS_OF, **how)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        return rows(self.warehouse, query)

    def state(self, table: str) -> tuple[object, ...]:
        """State, whether a problem is named, and extractions since the rows were loaded."""
        ((*found,),) = self.ask(
            "select state, problem is not null, probed_extraction_id - loaded_extraction_id from ops.source_table"
            f" where table_name = '{table}'"
        )
        return tuple(found)

    def problem(self, table: str) -> str:
        return str(self.ask(f"select problem from ops.source_table where table_name = '{table}'")[0][0])


@pytest.fixture(scope="module")
def extracted_once(new_database: NewDatabase) -> tuple[str, str]:
    odoo, warehouse = new_database("shop"), new_database("warehouse")
    create_shop(odoo, customers=40, as_of=AS_OF, seed=3)
    nights.extract(odoo, nights.prepare_warehouse(warehouse), AS_OF)
    return odoo, warehouse


@pytest.fixture
def pair(extracted_once: tuple[str, str], new_database: NewDatabase) -> Pair:
    odoo, warehouse = (new_database("copy", template=uri) for uri in extracted_once)
    return Pair(odoo, warehouse, nights.prepare_warehouse(warehouse))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_new_column_is_told_once_and_not_loaded(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    assert pair.ask("select count(*) from ops.source_column where not is_read") != [(0,)]
    pair.change("alter table res_partner add column x_shoe_size text default '42'")
    pair.extract()
    assert warnings(caplog) == [
        "res_partner.x_shoe_size is new in the source; it is not read (the contract does not name it)"
    ]
    assert pair.ask(
        "select source_type, is_read, first_extraction_id from ops.source_column where column_name = 'x_shoe_size'"
    ) == [("text", False, 2)]
    assert pair.ask("select * from information_schema.columns where column_name = 'x_shoe_size'") == []
    assert pair.ask(f"select count(*) from raw_odoo.res_partner where not {CURRENT}") == [(0,)]
    caplog.clear()
    pair.extract()
    assert warnings(caplog) == []


def test_a_column_that_the_contract_names_is_read_as_soon_as_it_is_there(pair: Pair) -> None:
    pair.change("alter table res_partner add column birthdate_date date default '1990-02-03'")
    pair.extract()
    assert pair.ask(f"select distinct birthdate_date from raw_odoo.res_partner where {CURRENT}") == [
        (dt.date(1990, 2, 3),)
    ]
    assert pair.ask(f"select distinct birthdate_date from raw_odoo.res_partner where not {CURRENT}") == [(None,)]


def test_an_optional_column_that_is_gone_is_told_and_empty(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    pair.change("alter table res_partner drop column email")
    pair.extract()
    assert warnings(caplog) == [
        "res_partner.email is gone from the source, or may no longer be read: it is empty from now on"
    ]
    assert pair.ask(f"select count(email) from raw_odoo.res_partner where {CURRENT}") == [(0,)]
    assert pair.ask(f"select count(email) > 0 from raw_odoo.res_partner where not {CURRENT}") == [(True,)]


# Among them what the source's own totals are taken from.
REQUIRED = {
    "account_move": "move_type",
    "crm_lead": "partner_id",
    "pos_order": "state",
    "product_template": "list_price",
    "sale_order_line": "price_subtotal",
}


def test_required_columns_that_are_gone_stop_their_tables_alone(pair: Pair) -> None:
    before = fingerprints(pair.warehouse)
    pair.change(
        *(f"alter table {table} rename column {column} to kept_aside" for table, column in REQUIRED.items()),
        "update res_partner set city = 'Elsewhere'",
    )
    pair.extract()
    after = fingerprints(pair.warehouse)
    assert {name for name in before if before[name] != after[name]} == {"res_partner"}
    assert pair.ask("select table_name from ops.source_table where state = 'stopped' order by 1") == [
        (table,) for table in REQUIRED
    ]
    for table, column in REQUIRED.items():
        assert pair.state(table) == ("stopped", True, 1)
        assert pair.problem(table).startswith(
            f"Table {table} is not read: column {table}.{column} does not exist: install the Odoo module that adds it"
        )
    assert pair.ask("select distinct state from ops.extraction") == [("complete",)]
    with pytest.raises(ContractError, match=r"stale:\nTable account_move is not read: .* \(rows of 20..-"):
        run.require_nothing_stopped(pair.target)

    pair.change(*(f"alter table {table} rename column kept_aside to {column}" for table, column in REQUIRED.items()))
    pair.extract()
    assert {pair.state(table) for table in REQUIRED} == {("loaded", False, 0)}
    assert fingerprints(pair.warehouse) == after
    run.require_nothing_stopped(pair.target)


def test_without_its_orders_a_shop_is_not_called_empty(pair: Pair) -> None:
    pair.change("update pos_order set state = 'draft'", "alter table sale_order rename column state to kept_aside")
    pair.extract()
    assert pair.state("sale_order") == ("stopped", True, 1)


def test_what_changed_while_a_table_was_stopped_is_made_up_for(pair: Pair) -> None:
    pair.change(
        "alter table crm_lead rename column partner_id to kept_aside",
        "update crm_lead set name = 'Meanwhile' where id = (select min(id) from crm_lead)",
        "delete from crm_lead where id = (select max(id) from crm_lead)",
    )
    pair.extract()
    pair.change("alter table crm_lead rename column kept_aside to partner_id")
    pair.extract()
    in_odoo = rows(pair.odoo, "select id, name from crm_lead order by 1")
    assert pair.ask(f"select id, name from raw_odoo.crm_lead where {CURRENT} order by 1") == in_odoo
    assert pair.ask("select count(*) from raw_odoo.crm_lead where _is_deleted") == [(1,)]


def test_a_required_column_that_may_no_longer_be_read_stops_its_table_alone(pair: Pair) -> None:
    reader = let_reader_in(pair.odoo)
    try:
        before = fingerprints(pair.warehouse)
        pair.change("revoke select (price_subtotal) on sale_order_line from creamery_reader")
        nights.extract(reader, pair.target, AS_OF)
        assert fingerprints(pair.warehouse) == before
        assert pair.ask("select table_name from ops.source_table where state = 'stopped'") == [("sale_order_line",)]
        assert (
            "login creamery_reader may not read column sale_order_line.price_subtotal: run sql/odoo_reader.sql"
            in pair.problem("sale_order_line")
        )
        let_reader_in(pair.odoo)
        nights.extract(reader, pair.target, AS_OF)
        assert pair.state("sale_order_line") == ("loaded", False, 0)
    finally:
        drop_reader(pair.odoo)


def test_a_new_column_that_the_login_may_not_read_is_told(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """A module was installed, and nobody ran the script again."""
    reader = let_reader_in(pair.odoo)
    try:
        pair.change("alter table res_partner add column birthdate_date date default '1990-02-03'")
        nights.extract(reader, pair.target, AS_OF)
        assert warnings(caplog) == [
            "res_partner.birthdate_date is new in the source; it is not read (the login may not: run"
            " sql/odoo_reader.sql in the Odoo database)"
        ]
    finally:
        drop_reader(pair.odoo)


def test_a_module_that_is_gone_is_refused_until_accepted(pair: Pair) -> None:
    loaded = pair.ask(f"select count(*) from raw_odoo.loyalty_history where {CURRENT}")
    pair.change("drop table loyalty_history")
    pair.extract()
    assert pair.state("loyalty_history") == ("stopped", True, 1)
    assert "run extract_odoo with accept_shrinking loyalty_history" in pair.problem("loyalty_history")
    assert pair.ask(f"select count(*) from raw_odoo.loyalty_history where {CURRENT}") == loaded
    pair.extract(accept=["loyalty_history"])
    assert pair.state("loyalty_history") == ("absent", False, 0)
    assert pair.ask(f"select count(*) from raw_odoo.loyalty_history where {CURRENT}") == [(0,)]
    assert pair.ask("select count(*) from raw_odoo.loyalty_history where _is_deleted") == loaded
    pair.extract()
    assert pair.state("loyalty_history") == ("absent", False, 0)


def test_a_required_table_that_is_gone_is_named(pair: Pair) -> None:
    pair.change("drop table product_category cascade")
    pair.extract()
    assert pair.state("product_category") == ("stopped", True, 1)
    assert "table product_category does not exist: its Odoo module product is not installed" in pair.problem(
        "product_category"
    )


def test_a_column_that_a_newer_contract_names_is_filled(pair: Pair) -> None:
    with psycopg.connect(pair.warehouse) as admin:
        admin.execute("alter table raw_odoo.rating_rating drop column feedback")
        admin.execute("update ops.source_table set loaded_columns = array_remove(loaded_columns, 'feedback')")
    pair.extract()
    comments = "select id, feedback from {} where feedback is not null order by id"
    found = pair.ask(comments.format(f"(select * from raw_odoo.rating_rating where {CURRENT}) as ratings"))
    assert found
    assert found == rows(pair.odoo, comments.format("rating_rating"))


def test_what_people_wrote_is_kept_as_it_stands_and_no_longer(pair: Pair) -> None:
    """Changed, deleted and quarantined: what was said is gone, that something was said is not."""
    ((changed,), (deleted,), (poisoned,)) = rows(
        pair.odoo, "select id from rating_rating where feedback is not null order by id limit 3"
    )
    pair.change(
        f"update rating_rating set feedback = 'Better now' where id = {changed}",
        f"delete from rating_rating where id = {deleted}",
        f"update rating_rating set rated_on = 'infinity' where id = {poisoned}",
    )
    pair.extract()
    assert pair.ask(f"select feedback from raw_odoo.rating_rating where id = {changed} and {CURRENT}") == [
        ("Better now",)
    ]
    assert pair.ask(f"select id, feedback from raw_odoo.rating_rating where not {CURRENT} order by 1") == [
        (each, "[not kept]") for each in (changed, deleted, poisoned)
    ]
    assert pair.ask("select row_key, row_data ? 'rating', row_data ? 'feedback' from ops.quarantine") == [
        (str(poisoned), True, False)
    ]


@pytest.fixture
def follow_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in tables as small as these."""
    configured = replace(settings.load(), follow_changes_from_rows=1)
    monkeypatch.setattr(settings, "load", lambda: configured)


def modes(pair: Pair) -> dict[object, object]:
    return dict(
        pair.ask(
            "select table_name, mode from ops.extracted_table where table_name in ('crm_lead', 'sale_order')"
            " and extraction_id = (select max(extraction_id) from ops.extraction)"
        )
    )  # type: ignore[arg-type]


@pytest.mark.usefixtures("follow_changes")
def test_after_an_upgrade_of_odoo_every_table_is_read_whole(pair: Pair) -> None:
    """Upgrades rewrite values by plain SQL. The night after one may fail: the next one remembers."""
    pair.change(
        "update ir_module_module set latest_version = '20.0.1.3' where name = 'base'",
        "update sale_order set origin = 'upgraded'",
    )
    run.open_night(pair.odoo, pair.target, AS_OF)
    pair.extract()
    assert modes(pair)["sale_order"] == "whole"
    assert pair.ask(f"select distinct origin from raw_odoo.sale_order where {CURRENT}") == [("upgraded",)]
    pair.extract()
    assert modes(pair)["sale_order"] == "changes"


@pytest.mark.usefixtures("follow_changes")
def test_probabilities_that_odoo_scores_past_write_date_are_read(pair: Pair) -> None:
    pair.change("update crm_lead set probability = 12.34")
    pair.extract()
    assert modes(pair) == {"crm_lead": "whole", "sale_order": "changes"}
    assert {*pair.ask(f"select probability::float from raw_odoo.crm_lead where {CURRENT}")} == {(12.34,)}


def test_a_table_that_could_not_be_read_at_first_counts_from_the_first_extraction(
    extracted_once: tuple[str, str], new_database: NewDatabase
) -> None:
    """Else the months before it would be rebuilt without their refunds."""
    odoo, warehouse = new_database("copy", template=extracted_once[0]), new_database("warehouse")
    pair = Pair(odoo, warehouse, nights.prepare_warehouse(warehouse))
    pair.change("alter table account_move rename column move_type to kept_aside")
    pair.extract()
    assert pair.state("account_move") == ("stopped", True, None)
    pair.change("alter table account_move rename column kept_aside to move_type")
    pair.extract()
    ((_, moment),) = pair.ask("select min(extraction_id), min(source_snapshot_at) from ops.extraction")
    assert pair.ask("select distinct _valid_from from raw_odoo.account_move") == [(moment,)]
    assert fingerprints(warehouse, known_at("2024-01-31"))["account_move"] == fingerprints(warehouse)["account_move"]
    assert fingerprints(warehouse)["account_move"][0] > 0

"""Values that no figure survives go to quarantine with the reason; everything else lands as it is, however odd."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from creamery import settings
from creamery.demo_shop.shop import create_shop
from creamery.extract import run, snapshot
from creamery.extract.contract import CONTRACT
from tests import nights
from tests.extract.faults import assert_watermarks_tell_the_truth, current_rows, execute, rows_of, source_rows
from tests.shops import AS_OF

# Table, what is set on one row of its own, and why that row is refused.
REFUSED = (
    ("sale_order", "amount_total = 'NaN'", "amount_total is no number that a shop could mean"),
    ("sale_order", "amount_total = 1e300", "amount_total is no number that a shop could mean"),
    ("sale_order_line", "product_uom_qty = 50123456789012", "product_uom_qty is no number that a shop could mean"),
    ("sale_order", "currency_rate = 'Infinity'", "currency_rate is no number that a shop could mean"),
    ("sale_order", "date_order = '0001-01-01'", "date_order lies outside 1990-01-02 to 2059-12-30"),
    ("sale_order", "date_order = '9999-12-31 23:59:59'", "date_order lies outside 1990-01-02 to 2059-12-30"),
    (
        "sale_order",
        "date_order = 'infinity'",
        "date_order is infinite; date_order lies outside 1990-01-02 to 2059-12-30",
    ),
    ("sale_order", "validity_date = '-infinity'", "validity_date is infinite"),
    ("sale_order", "write_date = '-infinity'", "write_date is infinite"),
    ("sale_order_line", "price_subtotal = '-Infinity'", "price_subtotal is no number that a shop could mean"),
    ("sale_order_line", "discount = 'NaN'", "discount is no number that a shop could mean"),
    (
        "sale_order_line",
        "margin = 'NaN', points_cost = 'Infinity'",
        "margin is no number that a shop could mean; points_cost is no number that a shop could mean",
    ),
    ("account_move", "date = '1990-01-01'", "date lies outside 1990-01-02 to 2059-12-30"),
    ("account_move", "date = '2059-12-31'", "date lies outside 1990-01-02 to 2059-12-30"),
    ("account_move", "invoice_date = 'infinity'", "invoice_date is infinite"),
    ("pos_order", "date_order = '0044-03-15 BC'", "date_order lies outside 1990-01-02 to 2059-12-30"),
    ("loyalty_card", "points = 'NaN'", "points is no number that a shop could mean"),
    ("res_partner", "create_date = 'infinity'", "create_date is infinite"),
    ("res_currency_rate", "rate = null", "rate is not above zero"),
    ("res_currency_rate", "rate = 0", "rate is not above zero"),
    ("res_currency_rate", "rate = -1.5", "rate is not above zero"),
    ("res_currency_rate", "rate = 'NaN'", "rate is no number that a shop could mean"),
)
EMAIL = "E'\"O''Brien, \\\\\"Bob\\\\\"\" <bob@example.com>,\\n  bob@example.org\\t;drop table res_partner'"
ACCEPTED = (
    ("sale_order", "currency_rate = null"),
    ("sale_order", "currency_rate = 0"),
    ("sale_order", "currency_rate = -2"),
    ("sale_order", "amount_untaxed = -1e13, amount_total = 9999999999999.99"),
    ("sale_order", "validity_date = '0001-01-01', commitment_date = '9999-12-31'"),
    ("sale_order", "effective_date = '0044-03-15 BC', date_order = '2059-12-30 23:59:59'"),
    ("sale_order", "write_date = null, create_date = null"),
    ("sale_order", "name = repeat('🧀', 10 * 1024 * 1024 / 4)"),
    ("sale_order_line", "price_subtotal = -7, product_uom_qty = -1"),
    ("account_move", "date = '1990-01-02', invoice_date = '0001-01-01'"),
    ("loyalty_card", "points = -1e12, expiration_date = '9999-12-31'"),
    ("res_partner", "name = (select string_agg(md5(i::text), '') from generate_series(1, 327680) as i)"),
    ("res_partner", "name = (select string_agg(chr(i), '') from generate_series(1, 159) as i), city = chr(65279)"),
    ("res_partner", "name = '👩‍👩‍👧‍👦 مرحبا \u202eevil\u202c 𝒳', city = 'n\u0303o\u0308', phone = E'\\\\N', ref = ''"),
    ("res_partner", f"email = {EMAIL}, email_normalized = '; delete'"),
    ("res_partner", "name = 'Twice', email = 'twice@example.com'"),
    ("res_partner", "name = 'Twice', email = 'twice@example.com'"),
    ("res_partner", "name = null, email = null, phone = null, city = null, country_id = null"),
    ("product_template", "name = jsonb_build_object('en_US', repeat('long ', 2000000))"),
    ("product_template", "name = '{}'"),
    ("product_template", "name = 'null'"),
    ("product_template", "name = '[1, {\"en_US\": null}]'"),
    ("product_template", 'name = \'{"en_US": "\\u0001 \\ud83d\\ude00", "": {"deep": [[[[]]]]}, "n": 1e400}\''),
    ("product_template", "list_price = -1"),
    ("product_product", 'standard_price = \'{"1": "many", "one": -1e400}\''),
)
TABLES = tuple(table for table in CONTRACT if table.name in {each[0] for each in REFUSED + ACCEPTED})


@dataclass(frozen=True)
class Shop:
    """A shop that can be poisoned and repaired, and the warehouse of its poisoned tables."""

    source: str
    target: str
    admin_uri: str

    def poison(self, odd_values: tuple[tuple[str, ...], ...] = REFUSED + ACCEPTED) -> dict[tuple[str, str], str]:
        """Each value on a row of its own; reason by table and id of those to be refused."""
        refused = {}
        for index, (table, values, *reason) in enumerate(odd_values):
            stamp = "" if "write_date" in values else ", write_date = now() at time zone 'UTC'"
            # Not the first rows: companies, the public user and currencies of their own live there.
            key = f"(select id from clean.{table} order by id offset {index + 5} limit 1)"
            execute(self.source, f"update {table} set {values}{stamp} where id = {key}")
            if reason:
                ((identifier,),) = rows_of(self.source, f"select {key}::text")
                refused[table, str(identifier)] = reason[0]
        return refused

    def repair(self, refused: Iterable[tuple[str, str]]) -> None:
        """These rows as they were, write_date as well: nothing tells that they were corrected."""
        for table, key in refused:
            execute(
                self.source,
                f"delete from {table} where id = {key}",
                f"insert into {table} select * from clean.{table} where id = {key}",
            )

    def quarantine(self, condition: str = "resolved_extraction_id is null") -> dict[tuple[str, str], str]:
        rows = rows_of(self.admin_uri, f"select table_name, row_key, reason from ops.quarantine where {condition}")
        return {(str(table), str(key)): str(reason) for table, key, reason in rows}

    def extract(self) -> None:
        nights.extract(self.source, self.target, AS_OF)

    def modes(self) -> set[str]:
        rows = rows_of(
            self.admin_uri,
            "select mode from ops.extracted_table"
            " where extraction_id = (select max(extraction_id) from ops.extraction) and state = 'loaded'",
        )
        return {str(mode) for (mode,) in rows}


@pytest.fixture
def whole_shop(new_database: Callable[[str], str]) -> Shop:
    source, admin_uri = new_database("shop"), new_database("warehouse")
    create_shop(source, customers=80, as_of=AS_OF, seed=6)
    execute(source, "create schema clean", *(f"create table clean.{each.name} as table {each.name}" for each in TABLES))
    # They would refuse names of 10 MB; where somebody replaced them, nothing does.
    execute(source, "drop index res_partner__name_index")
    return Shop(source, nights.prepare_warehouse(admin_uri), admin_uri)


@pytest.fixture
def shop(whole_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Only its poisoned tables are extracted."""
    monkeypatch.setattr(run, "CONTRACT", TABLES)
    return whole_shop


def follow_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in tables as small as these."""
    configured = dataclasses.replace(settings.load(), follow_changes_from_rows=1)
    monkeypatch.setattr(settings, "load", lambda: configured)


def assert_separated(shop: Shop, refused: dict[tuple[str, str], str]) -> None:
    """Each refused row is in quarantine for its reason, every other one stands in the raw table as in the source."""
    assert shop.quarantine() == refused
    by_table: dict[str, list[str]] = {}
    for table, key in refused:
        by_table.setdefault(table, []).append(key)
    assert current_rows(shop.admin_uri, TABLES) == source_rows(shop.source, TABLES, without=by_table)
    assert_watermarks_tell_the_truth(shop.admin_uri)
    assert rows_of(shop.admin_uri, "select problem from ops.source_table where problem is not null") == []


def test_poison_from_the_start(shop: Shop) -> None:
    refused = shop.poison()
    shop.extract()
    assert shop.modes() == {"first"}
    assert_separated(shop, refused)
    shop.repair(refused)
    shop.extract()
    assert_separated(shop, {})


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["whole", "changes"])
def test_poison_that_comes_and_goes(shop: Shop, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if mode == "changes":
        follow_changes(monkeypatch)
    shop.extract()
    before = now(shop)
    refused = shop.poison()
    shop.extract()
    assert shop.modes() == {mode}
    assert_separated(shop, refused)
    assert_known(shop, before, refused)
    shop.extract()  # unchanged: nothing is refused anew, nothing resolved
    assert_separated(shop, refused)
    during = now(shop)
    shop.repair(refused)
    shop.extract()
    assert_separated(shop, {})
    assert shop.quarantine("resolved_extraction_id = (select max(extraction_id) from ops.extraction)") == refused
    assert_known(shop, before, refused)
    assert not known(shop, during) & refused.keys()


def now(shop: Shop) -> dt.datetime:
    ((moment,),) = rows_of(shop.admin_uri, "select now()")
    assert isinstance(moment, dt.datetime)
    return moment


def known(shop: Shop, moment: dt.datetime) -> set[tuple[str, str]]:
    """Table and id of every row that a reader of that moment finds."""
    return {
        (table.name, str(key))
        for table in TABLES
        for (key,) in rows_of(
            shop.admin_uri,
            f"select id from raw_odoo.{table.name} where _valid_from <= %s and %s < _valid_to",
            *(moment, moment),
        )
    }


def assert_known(shop: Shop, moment: dt.datetime, refused: dict[tuple[str, str], str]) -> None:
    assert refused.keys() <= known(shop, moment)


def test_a_poisonous_row_that_is_deleted_is_resolved(shop: Shop) -> None:
    execute(shop.source, "update loyalty_card set points = 'NaN' where id in (select id from loyalty_card limit 2)")
    shop.extract()
    assert len(shop.quarantine()) == 2
    execute(shop.source, "delete from loyalty_card where points = 'NaN'")
    shop.extract()
    assert_separated(shop, {})


def test_poison_that_is_repaired_between_two_tries_of_one_extraction(shop: Shop) -> None:
    refused = shop.poison(REFUSED)
    night = run.open_night(shop.source, shop.target, AS_OF)
    names = [table.raw_name for table in TABLES]
    with snapshot.held(shop.source, shop.target, night.extraction_id):
        run.copy_tables(shop.source, shop.target, night, names)
    assert_separated(shop, refused)
    shop.repair(refused)
    with snapshot.held(shop.source, shop.target, night.extraction_id):
        run.copy_tables(shop.source, shop.target, night, names)
        run.close_night(shop.target, night)
    assert_separated(shop, {})


@pytest.mark.slow
def test_a_poisoned_shop_has_its_night(whole_shop: Shop) -> None:
    refused = whole_shop.poison()
    nights.run(whole_shop.source, whole_shop.target, AS_OF, is_checked=True)
    assert whole_shop.quarantine() == refused
    assert rows_of(whole_shop.admin_uri, "select as_of_date from ops.publication") == [(AS_OF,)]
    for (view,) in rows_of(
        whole_shop.admin_uri, "select table_name from information_schema.views where table_schema = 'reporting'"
    ):
        rows_of(whole_shop.admin_uri, f"select count(*) from (select * from reporting.{view}) as readable")

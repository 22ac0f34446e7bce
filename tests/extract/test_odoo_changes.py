"""A real Odoo changes the way Odoo does: the next extraction is as good as a new one, and yesterday stays readable."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from creamery import settings
from tests import nights
from tests.extract.raw_tables import fingerprints, idle_versions, known_at, let_a_day_pass, rows

CHANGES = Path(__file__).with_name("odoo_changes.sql").read_text()
TODAY = dt.datetime.now(dt.UTC).date()
NewDatabase = Callable[..., str]


class Shop:
    """One warehouse that saw the day before and the day after, and one that saw only the day after."""

    def __init__(self, source: str, new_database: NewDatabase, follow_changes_from: int) -> None:
        self.source = source
        self.followed = new_database("followed")
        self.fresh = new_database("fresh")
        configured = replace(settings.load(), follow_changes_from_rows=follow_changes_from)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "load", lambda: configured)
            self.target = nights.prepare_warehouse(self.followed)
            nights.extract(source, self.target, TODAY)
            let_a_day_pass(self.followed)
            self.day_before = fingerprints(self.followed, with_words=False)
            with psycopg.connect(source) as connection:
                connection.execute(CHANGES.encode())
            nights.extract(source, self.target, TODAY)
            self.fresh_target = nights.prepare_warehouse(self.fresh)
            nights.extract(source, self.fresh_target, TODAY)

    def current(self, query: str) -> list[tuple[object, ...]]:
        return rows(self.followed, query)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(1, id="following changes"),
        pytest.param(50_000, id="reading whole", marks=pytest.mark.slow),
    ],
)
def shop(odoo19: str, new_database: NewDatabase, request: pytest.FixtureRequest) -> Shop:
    return Shop(new_database("odoo19", template=odoo19), new_database, request.param)


def test_current_rows_equal_a_fresh_full_load(shop: Shop) -> None:
    followed, fresh = fingerprints(shop.followed), fingerprints(shop.fresh)
    assert {name: followed[name] for name in followed if followed[name] != fresh[name]} == {}


def test_the_day_before_reads_as_it_stood(shop: Shop) -> None:
    before = fingerprints(shop.followed, known_at(str(TODAY - dt.timedelta(days=2))), with_words=False)
    assert before == shop.day_before
    after = fingerprints(shop.followed, known_at(str(TODAY)), with_words=False)
    assert after == fingerprints(shop.followed, with_words=False)
    assert {name for name in before if before[name] != after[name]} >= {
        "res_partner", "sale_order", "sale_order_line", "loyalty_card", "loyalty_history", "account_move", "pos_order"
    }  # fmt: skip


def test_orders_of_a_merged_partner_follow_the_survivor(shop: Shop) -> None:
    ((merged, survivor, _, _),) = rows(shop.source, "select * from test_facts")
    was = f"select count(*) from raw_odoo.sale_order where partner_id = {merged} and _valid_to"
    assert shop.current(f"{was} = 'infinity'") == [(0,)]
    orders = shop.current(f"select id from raw_odoo.sale_order where partner_id = {merged} and not _is_deleted")
    assert orders
    ids = ", ".join(str(order) for (order,) in orders)
    assert shop.current(
        f"select distinct partner_id from raw_odoo.sale_order where id in ({ids}) and _valid_to = 'infinity'"
    ) == [(survivor,)]
    assert shop.current(
        f"select _is_deleted, _valid_to < 'infinity' from raw_odoo.res_partner where id = {merged}"
    ) == [(True, True)]


def test_what_is_deleted_is_marked_and_stays(shop: Shop) -> None:
    ((_, _, doomed, cancelled),) = rows(shop.source, "select * from test_facts")
    for table, condition in [
        ("sale_order", f"id = {doomed}"),
        ("sale_order_line", f"order_id = {doomed}"),
        ("loyalty_history", f"order_id = {cancelled}"),
    ]:
        states = shop.current(f"select _is_deleted, _valid_to < 'infinity' from raw_odoo.{table} where {condition}")
        assert {*states} == {(True, True)}, table
    marked = dict(shop.current("select table_name, deleted_rows from ops.extracted_table where deleted_rows > 0"))
    assert marked["res_partner"] == marked["sale_order"] == 1


def test_nothing_that_did_not_change_got_a_version(shop: Shop) -> None:
    assert idle_versions(shop.followed) == {}
    changed = dict(
        shop.current(
            "select table_name, changed_rows from ops.extracted_table"
            " where changed_rows > 0 and extraction_id = (select max(extraction_id) from ops.extraction)"
        )
    )
    assert changed["account_move"] == changed["account_move_line"] == 3


def test_large_tables_were_read_by_their_changes(shop: Shop, request: pytest.FixtureRequest) -> None:
    expected = "changes" if "following changes" in request.node.name else "whole"
    modes = shop.current(
        "select distinct mode from ops.extracted_table where table_name in ('sale_order', 'sale_order_line',"
        " 'account_tax_sale_order_line_rel') and extraction_id = (select max(extraction_id) from ops.extraction)"
    )
    assert modes == [(expected,)]


@pytest.mark.slow
def test_money_counts_once(shop: Shop) -> None:
    """Built from both warehouses: the same facts; the linked credit note counts, the loose one does not, and the
    refund at the till counts without its credit note."""
    for target in (shop.target, shop.fresh_target):
        nights.build(target, TODAY - dt.timedelta(days=1))
    facts = "select count(*), sum(net_in_order_currency) from star.fact_sales where generation_to is null"
    assert rows(shop.followed, facts) == rows(shop.fresh, facts)
    of_test = rows(
        shop.followed,
        "select line_source, line_id, net_in_order_currency::float, is_refund from star.fact_sales"
        " where generation_to is null and line_id > 900000 order by 1, 2",
    )
    assert of_test == [
        ("move_line", 900001, -40.0, True), ("order_line", 900001, 77.0, False), ("pos_line", 900001, -1.98, True)
    ]  # fmt: skip

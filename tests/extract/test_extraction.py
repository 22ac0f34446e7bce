"""Every row arrives as it is; what is missing is named; a wrong source is refused before anything is written."""

import datetime as dt
from collections.abc import Callable

import psycopg
import pytest
from psycopg import sql

from creamery.demo_shop.shop import create_shop
from creamery.errors import ContractError, InputError, SourceError
from creamery.extract import source
from creamery.extract.contract import CONTRACT
from creamery.extract.probe import TablePlan, plan_tables
from creamery.extract.run import open_night, require_nothing_stopped
from tests import nights
from tests.extract.raw_tables import fingerprints

AS_OF = dt.date(2026, 11, 19)
NewDatabase = Callable[[str], str]


@pytest.fixture
def shop(new_database: NewDatabase) -> str:
    uri = new_database("shop")
    create_shop(uri, customers=40, as_of=AS_OF, seed=3)
    return uri


@pytest.fixture
def admin_uri(new_database: NewDatabase) -> str:
    return new_database("warehouse")


@pytest.fixture
def target(admin_uri: str) -> str:
    return nights.prepare_warehouse(admin_uri)


def source_fingerprint(connection: psycopg.Connection, plan: TablePlan) -> object:
    """As raw_tables.fingerprints has it, from the source: what it lacks is NULL."""
    present = {column.name for column in plan.present}
    values = [plan.source_value(column) if column.name in present else sql.SQL("null") for column in plan.table.columns]
    return connection.execute(
        sql.SQL(
            "select count(*), coalesce(md5(string_agg(md5(r::text), '' order by md5(r::text))), '')"
            " from (select {} from {} where {}) as r"
        ).format(sql.SQL(", ").join(values), plan.relation, plan.condition)
    ).fetchone()


def execute(uri: str, statement: str) -> None:
    with psycopg.connect(uri) as connection:
        connection.execute(statement.encode())


def loaded(admin_uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(admin_uri) as connection:
        return connection.execute(query.encode()).fetchall()


def test_raw_tables_equal_the_source(shop: str, target: str, admin_uri: str) -> None:
    nights.extract(shop, target, AS_OF)
    loaded_rows = fingerprints(admin_uri)
    with source.connect(shop) as odoo:
        plans = [plan for plan in plan_tables(odoo, CONTRACT) if not plan.is_absent]
        for plan in plans:
            assert loaded_rows[plan.table.raw_name] == source_fingerprint(odoo, plan), plan.table.name
    assert sum(count > 0 for count, _ in loaded_rows.values()) > 30
    assert loaded(admin_uri, "select state from ops.extraction") == [("complete",)]


def test_a_second_extraction_follows_the_source(shop: str, target: str, admin_uri: str) -> None:
    nights.extract(shop, target, AS_OF)
    execute(shop, "delete from sale_order_line where id = (select min(id) from sale_order_line)")
    nights.extract(shop, target, AS_OF)
    assert loaded(admin_uri, "select count(*) from raw_odoo.sale_order_line where _valid_to = 'infinity'") == loaded(
        shop, "select count(*) from sale_order_line"
    )


@pytest.mark.slow
def test_a_module_that_is_not_installed_leaves_empty_tables(shop: str, target: str, admin_uri: str) -> None:
    execute(shop, "drop table loyalty_card cascade")
    execute(shop, "alter table sale_order_line drop column margin")
    nights.run(shop, target, AS_OF)
    recorded = loaded(
        admin_uri,
        "select table_name, state, 'margin' = any(missing_columns) from ops.extracted_table"
        " where table_name in ('loyalty_card', 'sale_order_line') order by 1",
    )
    assert recorded == [("loyalty_card", "absent", False), ("sale_order_line", "loaded", True)]
    assert loaded(admin_uri, "select count(*) from star.fact_sales where line_source = 'order_line'") != [(0,)]


def test_what_is_required_and_missing_is_named_all_at_once(shop: str, target: str, admin_uri: str) -> None:
    execute(shop, "drop table res_country cascade")
    execute(shop, "alter table sale_order drop column date_order")
    with pytest.raises(
        ContractError,
        match=r"table res_country does not exist: .* base .*; column sale_order\.date_order does not exist",
    ):
        nights.extract(shop, target, AS_OF)
    assert loaded(admin_uri, "select * from ops.extraction") == []


def test_another_source_is_refused(shop: str, target: str, new_database: NewDatabase) -> None:
    nights.extract(shop, target, AS_OF)
    other = new_database("shop")
    create_shop(other, customers=30, as_of=AS_OF, seed=4)
    with pytest.raises(SourceError, match=r"belongs to the Odoo with database.uuid .* Use another warehouse"):
        nights.extract(other, target, AS_OF)


def test_without_its_uuid_a_source_is_known_by_its_fingerprint(
    shop: str, target: str, new_database: NewDatabase
) -> None:
    execute(shop, "drop table ir_config_parameter")
    nights.extract(shop, target, AS_OF)
    nights.extract(shop, target, AS_OF)
    other = new_database("shop")
    create_shop(other, customers=30, as_of=AS_OF, seed=5)
    execute(other, "drop table ir_config_parameter")
    execute(other, "update res_partner set create_date = create_date - interval '1 second'")
    with pytest.raises(SourceError, match="belongs to the Odoo with"):
        nights.extract(other, target, AS_OF)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param(lambda uri: uri.replace("@127.0.0.1", "wrong@127.0.0.1"), "password", id="wrong password"),
        pytest.param(lambda uri: "postgresql://a:b@127.0.0.1:1/odoo", "Connection refused", id="unreachable"),
        pytest.param(lambda uri: uri + "_gone", "does not exist", id="no such database"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_opened(shop: str, target: str, broken: Callable[[str], str], message: str) -> None:
    with pytest.raises(SourceError, match=f"cannot be opened: .*{message}.*odoo_postgres"):
        open_night(broken(shop), target, AS_OF)


def test_an_empty_database(new_database: NewDatabase, target: str) -> None:
    with pytest.raises(SourceError, match="no table res_company that this login can see"):
        open_night(new_database("empty"), target, AS_OF)


def test_an_odoo_without_orders(shop: str, target: str) -> None:
    execute(shop, "update sale_order set state = 'draft'")
    execute(shop, "update pos_order set state = 'draft'")
    with pytest.raises(SourceError, match="no confirmed order yet"):
        open_night(shop, target, AS_OF)


def test_a_table_that_is_suddenly_empty_keeps_its_rows(shop: str, target: str, admin_uri: str) -> None:
    nights.extract(shop, target, AS_OF)
    before = fingerprints(admin_uri)["product_category"]
    execute(shop, "delete from product_category")
    nights.extract(shop, target, AS_OF)
    assert fingerprints(admin_uri)["product_category"] == before
    stopped = loaded(admin_uri, "select table_name, problem from ops.source_table where state = 'stopped'")
    assert [name for name, _ in stopped] == ["product_category"]
    with pytest.raises(ContractError, match=r"product_category: \d+ of \d+ rows are gone.*accept_shrinking"):
        require_nothing_stopped(target)


def test_a_table_that_shrinks_beyond_the_limit_is_refused_until_accepted(
    shop: str, target: str, admin_uri: str
) -> None:
    nights.extract(shop, target, AS_OF)
    (before, _), lines = fingerprints(admin_uri)["sale_order_line"], "select count(*) from sale_order_line"
    execute(shop, "delete from sale_order_line where id % 2 = 0")
    nights.extract(shop, target, AS_OF)
    assert fingerprints(admin_uri)["sale_order_line"][0] == before
    with pytest.raises(InputError, match="accept_shrinking names sale_order_lines, which"):
        nights.extract(shop, target, AS_OF, accept=["sale_order_lines"])
    nights.extract(shop, target, AS_OF, accept=["sale_order_line"])
    assert [(fingerprints(admin_uri)["sale_order_line"][0],)] == loaded(shop, lines)
    assert loaded(admin_uri, "select table_name from ops.source_table where state = 'stopped'") == []


@pytest.mark.slow
def test_one_customer_is_a_shop(shop: str, target: str, admin_uri: str) -> None:
    execute(shop, "update pos_order set state = 'draft'")
    execute(
        shop,
        "update sale_order set state = 'cancel' where partner_id <> (select min(o.partner_id) from sale_order o"
        " join res_partner p on p.id = o.partner_id where o.state = 'sale' and p.commercial_partner_id = p.id"
        " and p.id not in (select partner_id from res_users))",
    )
    nights.run(shop, target, AS_OF)
    scores = loaded(admin_uri, "select monetary_score from marts.fact_customer_rfm where order_count_365_days > 0")
    assert scores in ([(3,)], [])


def test_a_day_in_the_future_is_refused(shop: str, target: str) -> None:
    with pytest.raises(InputError, match="lies after today"):
        open_night(shop, target, dt.date(2999, 1, 1))


def test_the_default_day_is_yesterday_where_the_company_is(shop: str, target: str) -> None:
    execute(
        shop,
        "update res_partner set tz = 'Pacific/Kiritimati' where id = (select partner_id from res_company limit 1)",
    )
    with psycopg.connect(shop) as connection:
        here = connection.execute("select (now() at time zone 'Pacific/Kiritimati')::date - 1").fetchone()
    assert here == (open_night(shop, target, None).as_of_date,)

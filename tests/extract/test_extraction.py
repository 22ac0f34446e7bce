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
from creamery.extract.probe import plan_tables
from creamery.extract.run import open_night
from tests import nights

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


def fingerprint(uri: str, schema: str, table: str, columns: list[str]) -> object:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL(
        "select count(*), md5(string_agg(md5(r::text), '' order by md5(r::text))) from (select {} from {}) as r"
    ).format(listed, sql.Identifier(schema, table))
    with psycopg.connect(uri) as connection:
        return connection.execute(query).fetchone()


def execute(uri: str, statement: str) -> None:
    with psycopg.connect(uri) as connection:
        connection.execute(statement.encode())


def loaded(admin_uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(admin_uri) as connection:
        return connection.execute(query.encode()).fetchall()


def test_raw_tables_equal_the_source(shop: str, target: str, admin_uri: str) -> None:
    nights.extract(shop, target, AS_OF)
    for table in CONTRACT:
        # Types may differ by design (varchar and text), their texts may not.
        columns = [column.name for column in table.columns]
        assert fingerprint(admin_uri, "raw_odoo", table.name, columns) == fingerprint(
            shop, "public", table.name, columns
        ), table.name
    assert loaded(admin_uri, "select state from ops.extraction") == [("complete",)]


def test_a_second_extraction_replaces_the_first(shop: str, target: str, admin_uri: str) -> None:
    nights.extract(shop, target, AS_OF)
    execute(shop, "delete from sale_order_line where id = (select min(id) from sale_order_line)")
    nights.extract(shop, target, AS_OF)
    assert loaded(admin_uri, "select count(*) from raw_odoo.sale_order_line") == loaded(
        shop, "select count(*) from sale_order_line"
    )


def test_a_module_that_is_not_installed_leaves_empty_tables(shop: str, target: str, admin_uri: str) -> None:
    execute(shop, "drop table loyalty_card cascade")
    execute(shop, "alter table sale_order_line drop column margin")
    nights.run(shop, target, AS_OF)
    recorded = loaded(
        admin_uri,
        "select table_name, is_absent, missing_columns from ops.extracted_table"
        " where is_absent or missing_columns <> '{}' order by 1",
    )
    assert ("sale_order_line", False, ["margin"]) in recorded
    assert [row[:2] for row in recorded if row[0] == "loyalty_card"] == [("loyalty_card", True)]
    assert loaded(admin_uri, "select count(*) from star.fact_sales where line_source = 'order_line'") != [(0,)]


def test_what_is_required_and_missing_is_named_all_at_once(shop: str, target: str, admin_uri: str) -> None:
    execute(shop, "drop table res_country cascade")
    execute(shop, "alter table sale_order drop column date_order")
    with pytest.raises(ContractError, match=r"lacks table res_country, column sale_order\.date_order, or"):
        nights.extract(shop, target, AS_OF)
    assert loaded(admin_uri, "select * from ops.extraction") == []


def test_a_column_that_the_login_may_not_read_counts_as_missing(shop: str, target: str) -> None:
    login = "only_some_columns"
    execute(shop, f"drop role if exists {login}")
    execute(shop, f"create role {login} login password 'x'")
    execute(shop, f"grant select on all tables in schema public to {login}")
    execute(shop, f"revoke select on res_partner from {login}")
    execute(shop, f"grant select (id, name) on res_partner to {login}")
    limited = shop.replace(shop.split("//")[1].split("@")[0], f"{login}:x")
    try:
        with (
            pytest.raises(ContractError, match=r"res_partner\.commercial_partner_id"),
            source.connect(limited) as odoo,
        ):
            plan_tables(odoo, CONTRACT)
    finally:
        execute(shop, f"drop owned by {login}")
        execute(shop, f"drop role {login}")


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


def test_a_table_that_is_suddenly_empty_is_refused(shop: str, target: str, admin_uri: str) -> None:
    nights.extract(shop, target, AS_OF)
    execute(shop, "delete from product_category")
    with pytest.raises(SourceError, match="Table product_category of the Odoo database is empty, but had rows"):
        nights.extract(shop, target, AS_OF)
    assert loaded(admin_uri, "select count(*) > 0 from raw_odoo.product_category") == [(True,)]


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

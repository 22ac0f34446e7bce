"""sql/odoo_reader.sql: its login extracts all that an administrator would, and can do nothing else."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from creamery.demo_shop.shop import create_shop
from creamery.errors import SourceError
from creamery.extract import reader_role, source
from creamery.extract.probe import installed_modules
from tests import nights
from tests.extract.odoo_shapes import make_odoo
from tests.extract.raw_tables import fingerprints, rows
from tests.extract.reader_login import SCRIPT, drop_reader, let_reader_in

ROOT = Path(__file__).resolve().parents[2]
AS_OF = dt.date(2026, 11, 19)
NewDatabase = Callable[..., str]

READABLE = """
    select namespace.nspname || '.' || class.relname || '.' || attribute.attname
    from pg_class as class
    join pg_namespace as namespace on class.relnamespace = namespace.oid
    join pg_attribute as attribute on class.oid = attribute.attrelid
    where namespace.nspname not like 'pg\\_%' and namespace.nspname <> 'information_schema'
    and class.relkind in ('r', 'p', 'v', 'm', 'f') and attribute.attnum > 0 and not attribute.attisdropped
    and has_column_privilege('creamery_reader', class.oid, attribute.attnum, 'select')
"""
WRITABLE = """
    select namespace.nspname || '.' || class.relname
    from pg_class as class join pg_namespace as namespace on class.relnamespace = namespace.oid
    where namespace.nspname not like 'pg\\_%' and namespace.nspname <> 'information_schema'
    and case class.relkind
        when 'S' then has_sequence_privilege('creamery_reader', class.oid, 'usage, select, update')
        else has_table_privilege('creamery_reader', class.oid, 'insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege('creamery_reader', class.oid, 'insert, update, references')
    end
"""


@dataclass(frozen=True)
class Granted:
    """An Odoo database after the script, and warehouses filled from it by an administrator and by the reader."""

    odoo: str
    reader: str
    by_administrator: str
    by_reader: str


def execute(uri: str, *statements: str) -> None:
    with psycopg.connect(uri) as connection:
        for statement in statements:
            connection.execute(statement.encode())


# So that every refusal below is one of rights; without ir_property the condition on it would go untried.
WHAT_ONE_OF_THEM_LACKS = (
    "alter table res_users add if not exists password varchar, add if not exists totp_secret varchar,"
    " add if not exists signature text",
    "alter table loyalty_card add if not exists code varchar",
    "alter table sale_order add if not exists access_token varchar",
    "alter table res_partner add if not exists street varchar",
    "create table if not exists ir_attachment (id int)",
    "create table if not exists ir_config_parameter (id int, key varchar, value text)",
    "create table if not exists mail_message (id int, res_id int, model varchar, date timestamp, body text,"
    " write_date timestamp)",
    "create table if not exists ir_property (id int, company_id int, name varchar, res_id varchar, value_float float8,"
    " value_text text, write_date timestamp)",
    *((ROOT / "sql" / "operational" / name).read_text() for name in ("00_schema.sql", "10_loyalty.sql")),
)


@pytest.fixture(scope="module", params=["demo shop", "odoo19", "odoo16"])
def granted(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Granted]:
    if request.param == "odoo19":
        odoo = new_database("odoo19", template=request.getfixturevalue("odoo19"))
    elif request.param == "odoo16":
        odoo = new_database("odoo16")
        make_odoo(odoo, 16, request.getfixturevalue("shared_data") / "odoo")
    else:
        odoo = new_database("shop")
        create_shop(odoo, customers=40, as_of=AS_OF, seed=3)
    execute(odoo, *WHAT_ONE_OF_THEM_LACKS, "alter table product_product drop column weight")
    let_reader_in(odoo)
    execute(
        odoo,
        # What installing a module, an upgrade or a generous colleague leaves behind.
        "alter table product_product add column weight numeric",
        "grant select on res_users to creamery_reader",
        "grant insert on res_users to creamery_reader",
        "grant usage on all sequences in schema public to creamery_reader",
    )
    reader = let_reader_in(odoo)
    by_administrator, by_reader = new_database("warehouse"), new_database("warehouse")
    nights.extract(odoo, nights.prepare_warehouse(by_administrator), AS_OF)
    nights.extract(reader, nights.prepare_warehouse(by_reader), AS_OF)
    yield Granted(odoo, reader, by_administrator, by_reader)
    drop_reader(odoo)


def test_the_file_is_what_the_contract_asks_for() -> None:
    assert reader_role.script() == SCRIPT, "run python -m creamery.extract.reader_role > sql/odoo_reader.sql"


def test_the_reader_extracts_what_an_administrator_would(granted: Granted) -> None:
    for query in (
        "select table_name, state, source_rows, loaded_rows, missing_columns, problem from ops.extracted_table"
        " order by 1",
        "select table_name, column_name, source_type, is_read from ops.source_column order by 1, 2",
        "select module_name, version from ops.source_module order by 1",
        "select source_uuid, source_fingerprint, odoo_series from ops.warehouse",
        "select table_name, kind, month_start_date, company_id, currency_id, row_count, net_amount"
        " from ops.source_total order by 1, 2, 3, 4, 5",
    ):
        assert rows(granted.by_reader, query) == rows(granted.by_administrator, query)
    assert fingerprints(granted.by_reader) == fingerprints(granted.by_administrator)
    assert rows(granted.by_reader, "select distinct state from ops.extracted_table") in (
        [("absent",), ("loaded",)],
        [("loaded",), ("absent",)],
    )


def test_the_database_uuid_is_known_where_there_is_one(granted: Granted) -> None:
    in_odoo = rows(granted.odoo, "select max(value) from ir_config_parameter where key = 'database.uuid'")
    assert rows(granted.by_reader, "select source_uuid from ops.warehouse") == in_odoo


def test_what_can_be_read_is_what_the_extraction_read(granted: Granted) -> None:
    read = rows(
        granted.by_reader,
        "select probed.source_name || '.' || offered.column_name from ops.source_column as offered"
        " join ops.source_table as probed on offered.table_name = probed.table_name where offered.is_read",
    )
    beside = {"public.ir_default.user_id", "creamery.database_uuid.value"}
    readable = {name for (name,) in rows(granted.odoo, READABLE)}
    assert readable - beside == {name for (name,) in read}
    assert "public.product_product.weight" in readable  # came after the script ran first
    assert "operational.customer_loyalty.points_balance" in readable


def test_nothing_can_be_written(granted: Granted) -> None:
    assert rows(granted.odoo, WRITABLE) == []
    assert rows(granted.reader, "show default_transaction_read_only") == [("on",)]


@pytest.mark.parametrize(
    "statement",
    [
        "select password from res_users",
        "select totp_secret from res_users",
        "select * from res_users",
        "select res_users from res_users",
        "select login from res_users where password like 'a%'",
        "select * from res_partner",
        "select street from res_partner",
        "select signature from res_users",
        "select body from mail_message",
        "select res_id from mail_message where body like '%x%'",
        "select value_text from ir_property",
        "select code from loyalty_card",
        "select key, value from ir_config_parameter",
        "select count(*) from ir_config_parameter",
        "select access_token from sale_order",
        "select count(*) from ir_attachment",
        "select * from operational.loyalty_program",
        "insert into res_partner (id) select 1 where false",
        "update res_partner set name = name where false",
        "update loyalty_card set points = 0 where false",
        "delete from sale_order where false",
        "truncate website_track",
        "lock table sale_order in access exclusive mode",
        "select * from sale_order for update",
        "create table public.taken (id int)",
        "create table creamery.taken (id int)",
        "create schema taken",
        "create or replace view creamery.database_uuid as select 'x'::text as value",
        "select pg_read_file('/etc/passwd')",
        "copy res_partner (name) to '/dev/null'",
        "copy (select 1) to program 'cat > /dev/null'",
        "select lo_import('/etc/passwd')",
        "set role pg_read_all_data",
        "alter role creamery_reader superuser",
        "create role taken",
    ],
)
def test_what_is_not_granted_is_refused(granted: Granted, statement: str) -> None:
    """Also to a reader who takes off the seat belt of default_transaction_read_only."""
    with psycopg.connect(granted.odoo) as connection:
        connection.execute(statement.encode())
        connection.rollback()
    with psycopg.connect(granted.reader) as connection:
        connection.read_only = False
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_the_view_cannot_be_made_to_tell_other_parameters(granted: Granted) -> None:
    execute(
        granted.odoo,
        "insert into ir_config_parameter (id, key, value) values (998, 'mail.api.secret', 'hush'),"
        " (999, 'database.uuid', 'known')",
    )
    seen: list[str] = []
    with psycopg.connect(granted.reader) as connection:
        connection.read_only = False
        connection.add_notice_handler(lambda notice: seen.append(notice.message_primary or ""))
        connection.execute(
            "create function pg_temp.tell(value text) returns boolean language plpgsql cost 0.0000001 as"
            " $$ begin raise notice '%', value; return true; end $$"
        )
        connection.execute("select value from creamery.database_uuid where pg_temp.tell(value)")
    assert "known" in seen
    assert "hush" not in seen


def test_a_role_with_rights_of_its_own_is_refused(new_database: NewDatabase) -> None:
    uri = new_database("empty")
    let_reader_in(uri)
    try:
        execute(uri, "grant pg_read_all_data to creamery_reader")
        with pytest.raises(errors.RaiseException, match="rights that no grant in this database can limit"):
            let_reader_in(uri)
    finally:
        execute(uri, "revoke pg_read_all_data from creamery_reader")
        drop_reader(uri)


def test_the_probe_reads_the_catalogue_alone(granted: Granted) -> None:
    with source.connect(granted.reader) as odoo:
        assert installed_modules(odoo)
        assert source.export_snapshot(odoo)[1]
        sizes = odoo.execute("select pg_relation_size('ir_module_module') > 0, pg_relation_size('sale_order') > 0")
        assert sizes.fetchone() == (True, True)


def test_a_login_that_may_not_enter_the_schema_of_the_view_is_none_the_wiser(granted: Granted) -> None:
    """Another login than the reader, in a database where the script ran."""
    execute(
        granted.odoo,
        "create role other_reader login password 'x'",
        "grant select on res_company, res_currency, res_partner to other_reader",
    )
    try:
        with source.connect(make_conninfo(granted.odoo, user="other_reader", password="x")) as odoo:
            assert source.read_facts(odoo, None).uuid is None
        execute(granted.odoo, "revoke select on res_partner from other_reader")
        with (
            pytest.raises(SourceError, match=r"other_reader.*permission denied.*res_partner.*odoo_reader\.sql"),
            source.connect(make_conninfo(granted.odoo, user="other_reader", password="x")) as odoo,
        ):
            source.read_facts(odoo, None)
    finally:
        execute(granted.odoo, "drop owned by other_reader", "drop role other_reader")

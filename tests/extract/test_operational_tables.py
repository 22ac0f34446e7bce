"""The add-on tables: their SQL can be run again and again, offers what the contract reads, and refuses nonsense."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from creamery.extract.contract import SourceTable, addon

FILES = sorted((Path(__file__).resolve().parents[2] / "sql" / "operational").glob("*.sql"))
CATALOGUE = """
    select table_name || '.' || column_name || ' ' || data_type || ' ' || coalesce(column_default, '')
    from information_schema.columns where table_schema = 'operational'
    union all
    select conrelid::regclass || ': ' || pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'operational'::regnamespace
    union all
    select indexdef from pg_indexes where schemaname = 'operational'
    order by 1
"""


def install(uri: str) -> None:
    with psycopg.connect(uri) as connection:
        for file in FILES:
            connection.execute(file.read_bytes())


def rows(uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def addons(new_database: Callable[[str], str]) -> str:
    """URI of a database with the add-on tables; what a test writes, it rolls back."""
    uri = new_database("addons")
    install(uri)
    return uri


def test_running_the_files_again_changes_nothing(addons: str) -> None:
    before = rows(addons, CATALOGUE)
    install(addons)
    assert before
    assert rows(addons, CATALOGUE) == before


@pytest.mark.parametrize("table", addon.TABLES, ids=lambda table: table.name)
def test_what_the_contract_reads_exists_and_casts(addons: str, table: SourceTable) -> None:
    listed = sql.SQL(", ").join(
        sql.SQL("{}::{}").format(sql.Identifier(column.name), sql.SQL(column.raw_type)) for column in table.columns
    )
    with psycopg.connect(addons) as connection:
        connection.execute(
            sql.SQL("select {} from {} limit 0").format(listed, sql.Identifier(table.schema, table.name))
        )


def test_keys_of_the_contract_are_keys(addons: str) -> None:
    query = (
        "select conrelid::regclass::text, array_agg(attname::text order by attnum) from pg_constraint"
        " join pg_attribute on conrelid = attrelid and attnum = any(conkey)"
        " where contype = 'p' and connamespace = 'operational'::regnamespace group by 1"
    )
    assert dict(rows(addons, query)) == {f"{table.schema}.{table.name}": list(table.key) for table in addon.TABLES}


def test_tables_say_what_they_hold_and_who_writes_them(addons: str) -> None:
    silent = rows(
        addons,
        "select relname from pg_class where relnamespace = 'operational'::regnamespace and relkind = 'r'"
        " and coalesce(obj_description(oid), '') !~* 'written|appended|prepared'",
    )
    assert silent == []


def test_no_bodies_tokens_or_traces_of_devices_are_read(addons: str) -> None:
    private = rows(
        addons,
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'operational'"
        " and (data_type = 'inet' or column_name ~ 'agent|session|url|body|html|_content$|design|personalization')",
    )
    read = {f"{table.name}.{column.name}" for table in addon.TABLES for column in table.columns}
    assert ("email_engagement.ip_address",) in private
    assert [name for (name,) in private if name in read] == []


def test_no_foreign_key_leaves_the_schema(addons: str) -> None:
    """Odoo's merge of two contacts would stumble over one."""
    leaving = rows(
        addons,
        "select conrelid::regclass from pg_constraint join pg_class on confrelid = pg_class.oid"
        " where contype = 'f' and connamespace = 'operational'::regnamespace and relnamespace != connamespace",
    )
    assert leaving == []


ACCOUNT = (
    "with program as (insert into operational.loyalty_program (name, code, earning_rules, tiers, redemption_rules)"
    " values ('Points', 'points', '[]', '[]', '[]') returning id)"
    " insert into operational.customer_loyalty (customer_id, program_id) select 7, id from program"
)
MOVEMENT = (
    "insert into operational.loyalty_transaction (loyalty_id, customer_id, transaction_type, points, balance_after)"
    " select id, customer_id, '{kind}', {points}, 0 from operational.customer_loyalty"
)
RECIPIENT = (
    "insert into operational.campaign_recipient (campaign_id, customer_id, email_address)"
    " select id, 7, '{address}' from operational.email_campaign"
)
ATTEMPT = (
    "insert into operational.winback_attempt (campaign_id, customer_id) select id, 7 from operational.winback_campaign"
)
NPS = (
    "insert into operational.nps_response (survey_id, customer_id, score, category)"
    " select id, 7, {score}, '{category}' from operational.nps_survey"
)
SURVEY = "insert into operational.nps_survey (name, code, trigger_type, trigger_config) values ('n', 'n', 'p', '{}')"
CAMPAIGN = "insert into operational.email_campaign (name, campaign_type) values ('Offer', 'automated')"
WINBACK = "insert into operational.winback_campaign (name, code, email_sequence) values ('Back', 'back', '[]')"
CART = (
    "insert into operational.abandoned_cart (order_id, cart_items, cart_total, cart_created_at, abandoned_at)"
    " values (12, '[]', 10, now(), now())"
)


def run(uri: str, statements: list[str]) -> None:
    with psycopg.connect(uri) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        connection.rollback()


@pytest.mark.parametrize(
    ("statements", "refusal"),
    [
        ([SURVEY, NPS.format(score=6, category="passive")], errors.CheckViolation),
        ([SURVEY, NPS.format(score=8, category="promoter")], errors.CheckViolation),
        ([ACCOUNT, MOVEMENT.format(kind="earn", points=0)], errors.CheckViolation),
        ([ACCOUNT, MOVEMENT.format(kind="expire", points=5)], errors.CheckViolation),
        ([CAMPAIGN, RECIPIENT.format(address="a@x.bd"), RECIPIENT.format(address="A@x.bd")], errors.UniqueViolation),
        ([WINBACK, ATTEMPT, ATTEMPT], errors.UniqueViolation),
        ([CART, CART], errors.UniqueViolation),
    ],
)
def test_nonsense_is_refused(addons: str, statements: list[str], refusal: type[errors.IntegrityError]) -> None:
    run(addons, statements[:-1])
    with pytest.raises(refusal):
        run(addons, statements)


@pytest.mark.parametrize(
    "statements",
    [
        [SURVEY, *(NPS.format(score=score, category=name) for score, name in [(0, "detractor"), (9, "promoter")])],
        [ACCOUNT, MOVEMENT.format(kind="earn", points=5), MOVEMENT.format(kind="expire", points=-5)],
        [
            CAMPAIGN,
            RECIPIENT.format(address="a@x.bd"),
            "update operational.campaign_recipient set status = 'sent'",
            RECIPIENT.format(address="a@x.bd"),
        ],
        [WINBACK, ATTEMPT, "update operational.winback_attempt set status = 'exhausted'", ATTEMPT],
    ],
)
def test_sense_is_taken(addons: str, statements: list[str]) -> None:
    run(addons, statements)

"""What the logins behind Superset can do, by trying: read what is theirs, and nothing else by any way we know of."""

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests import nights
from tests.shops import Built

READERS = ("creamery_bi_reader", "creamery_marketer")
PERSONAL = (
    "select * from raw_odoo.res_partner",
    "select * from staging.stg_odoo__res_partner",
    "select * from raw_odoo.rating_rating",
    "select * from raw_odoo.survey_user_input_line",
    "select * from staging.stg_odoo__feedback_words",
    "select * from intermediate.int_feedback__comments",
    "select * from star.fact_feedback_comment",
    "select * from star.dim_customer_contact",
    "select * from audiences.suppression",
    "select * from audiences.list_member",
    "table push.list_stay",
    "table ops.quarantine",
)
WRITES = (
    "delete from marts.fact_customer_rfm",
    "update ops.publication set generation = generation",
    "create table reporting.mine (x integer)",
    "create table public.mine (x integer)",
    "create schema mine",
    "create temporary table mine (x integer)",
    "create view reporting.mine as select 1",
)
AROUND = (
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "copy (select 1) to program 'cat'",
    "copy (select 1) to '/tmp/creamery-escaped'",
    "select lo_import('/etc/passwd')",
    "select query_to_xml('select * from star.dim_customer_contact', true, true, '')",
    "select table_to_xml('star.dim_customer_contact', true, true, '')",
    "set role creamery_transformer",
    "set role creamery_exporter",
    "set session authorization postgres",
    "select passwd from pg_shadow",
    "select * from pg_stats where tablename = 'dim_customer_contact'",
)
LEAK = """
create function {place}leak(text) returns boolean language plpgsql cost 0.0001 as $$
begin raise notice '%', $1; return true; end $$
"""


@pytest.fixture(scope="module")
def uri(new_database: Callable[..., str], built: Built) -> str:
    """A copy of the shop's warehouse."""
    copy = new_database("readers", template=built.warehouse_admin)
    nights.prepare_warehouse(copy)  # who may connect is not copied along
    return copy


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, uri: str) -> Iterator[psycopg.Connection]:
    """Somebody who has the password and leaves the read-only mode, as anybody may."""
    with psycopg.connect(nights.as_login(uri, request.param), autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        yield connection


@pytest.mark.parametrize("statement", [*PERSONAL, *WRITES, *AROUND])
def test_a_reader_is_refused(statement: str, reader: psycopg.Connection) -> None:
    if "pg_stats" in statement:  # shows what one may read anyway
        assert reader.execute(statement.encode()).fetchall() == []
        return
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement.encode())


@pytest.mark.parametrize("place", ["", "pg_temp.", "public.", "reporting.", "marketing."])
def test_a_reader_makes_no_function_that_listens(place: str, reader: psycopg.Connection) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName)):
        reader.execute(LEAK.format(place=place).encode())


def test_what_customers_wrote_names_nobody(uri: str) -> None:
    """What the models call a name is not asked: any word of any person's, looked for in Python."""
    with psycopg.connect(nights.as_login(uri, "creamery_bi_reader")) as analyst:
        texts = [row[0] for row in analyst.execute("select comment_text from reporting.vw_feedback_comment")]
    with psycopg.connect(uri) as admin:
        people = admin.execute("select name from raw_odoo.res_partner where not is_company").fetchall()
        written = [row[0] for row in admin.execute("select words from staging.stg_odoo__feedback_words")]
    names = {part.casefold() for (name,) in people for part in re.findall(r"\w{2,}", name or "")}

    def telling(comments: list[str]) -> set[str]:
        words = {word for text in comments for word in re.findall(r"\w+", text)}
        contacts = {found for text in comments for found in re.findall(r"\S+@\S+|\d{4,}", text)}
        return contacts | {word for word in words if word.casefold() in names and word != word.lower()}

    assert telling(written)
    assert texts
    assert telling(texts) == set()


def test_contact_data_is_for_marketers_alone(uri: str) -> None:
    query = "select count(*) from marketing.vw_contactable_customer"
    with psycopg.connect(nights.as_login(uri, "creamery_marketer")) as marketer:
        row = marketer.execute(query).fetchone()
    with psycopg.connect(uri) as admin:
        everybody = admin.execute("select count(*) from star.dim_customer_contact").fetchone()
    assert row
    assert everybody
    assert 0 < row[0] < everybody[0]
    with (
        psycopg.connect(nights.as_login(uri, "creamery_bi_reader")) as analyst,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        analyst.execute(query)


def test_nobody_suppressed_is_contactable_even_to_a_function_that_listens(uri: str) -> None:
    """The marketer cannot make such a function; were there one, the barrier would keep the rows from it."""
    heard: list[str] = []
    with psycopg.connect(uri) as admin:
        admin.execute(LEAK.format(place="marketing.").encode())
        admin.execute("grant execute on function marketing.leak(text) to creamery_marketer")
        shown = {row[0] for row in admin.execute("select email from marketing.vw_contactable_customer")}
        suppressed = admin.execute(
            "select contacts.email from star.dim_customer_contact as contacts"
            " inner join audiences.suppression using (customer_sk)"
            " where suppression.channel = 'email' and contacts.email is not null"
        ).fetchall()
    assert suppressed
    with psycopg.connect(nights.as_login(uri, "creamery_marketer")) as marketer:
        marketer.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
        marketer.execute("select 1 from marketing.vw_contactable_customer where marketing.leak(email)").fetchall()
    assert set(heard) == shown
    assert not {row[0] for row in suppressed} & set(heard)


@pytest.mark.parametrize("login", READERS)
def test_readers_sessions_are_set_for_reading(login: str, uri: str) -> None:
    with psycopg.connect(nights.as_login(uri, login)) as connection:
        settings = {
            name: connection.execute(f"show {name}".encode()).fetchone()
            for name in ("jit", "default_transaction_read_only", "statement_timeout")
        }
    assert settings == {
        "jit": ("off",),
        "default_transaction_read_only": ("on",),
        "statement_timeout": ("1min",),
    }

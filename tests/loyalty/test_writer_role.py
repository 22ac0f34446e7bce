"""sql/odoo_loyalty_writer.sql: its login takes points off cards and accounts, awards them on accounts, and can do no
more."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import errors

from tests.loyalty import worlds
from tests.loyalty.worlds import World


def rights(world: World, kind: str) -> set[str]:
    """Table and column of everything that the login may do of this kind."""
    found = worlds.rows(
        world.odoo,
        "select namespace.nspname || '.' || class.relname || '.' || attribute.attname"
        " from pg_class as class join pg_namespace as namespace on class.relnamespace = namespace.oid"
        " join pg_attribute as attribute on class.oid = attribute.attrelid"
        " where namespace.nspname in ('public', 'operational', 'creamery') and class.relkind in ('r', 'v', 'm')"
        " and attribute.attnum > 0"
        " and has_column_privilege('creamery_loyalty_writer', class.oid, attribute.attnum, %s)",
        kind,
    )
    return {name for (name,) in found}


@pytest.fixture(scope="module")
def granted(extracted: World, new_database: Callable[..., str]) -> World:
    world = worlds.copy(extracted, new_database)
    worlds.run(
        world.odoo,
        "grant all on res_partner, loyalty_card to creamery_loyalty_writer",
        "grant usage on all sequences in schema public to creamery_loyalty_writer",
    )
    worlds.let_writer_in(world.odoo)
    return world


def test_it_may_change_what_an_expiry_and_an_award_change(granted: World) -> None:
    assert rights(granted, "update") == {
        "public.loyalty_card.points",
        "public.loyalty_card.write_date",
        "operational.customer_loyalty.points_balance",
        "operational.customer_loyalty.points_expired",
        "operational.customer_loyalty.points_lifetime",
        "operational.customer_loyalty.current_tier",
        "operational.customer_loyalty.tier_qualified_at",
        "operational.customer_loyalty.next_tier_points",
    }
    assert {name.rpartition(".")[0] for name in rights(granted, "insert")} == {
        "public.loyalty_history",
        "operational.loyalty_transaction",
        "creamery.points_expired",
        "creamery.points_awarded",
    }


def test_it_sees_no_person_and_no_code(granted: World) -> None:
    assert {name.rpartition(".")[0] for name in rights(granted, "select")} == {
        "public.loyalty_card",
        "public.loyalty_program",
        "public.loyalty_history",
        "operational.customer_loyalty",
        "operational.loyalty_transaction",
        "operational.loyalty_program",
        "creamery.points_expired",
        "creamery.points_awarded",
        "creamery.database_uuid",
    }
    assert "public.loyalty_card.code" not in rights(granted, "select")


def test_sequences_are_those_of_what_it_inserts(granted: World) -> None:
    usable = worlds.rows(
        granted.odoo,
        "select class.relname from pg_class as class where case when class.relkind = 'S'"
        " then has_sequence_privilege('creamery_loyalty_writer', class.oid, 'usage, select, update') end",
    )
    assert usable == [("loyalty_history_id_seq",)]


@pytest.mark.parametrize(
    "statement",
    [
        "update loyalty_card set partner_id = 1 where false",
        "update loyalty_history set used = 0 where false",
        "delete from loyalty_history where false",
        "delete from loyalty_card where false",
        "insert into loyalty_card (id) select 1 where false",
        "update creamery.points_expired set points = 1 where false",
        "delete from creamery.points_expired where false",
        "update creamery.points_awarded set points = 1 where false",
        "delete from creamery.points_awarded where false",
        "update operational.loyalty_program set tiers = '[]' where false",
        "delete from operational.loyalty_transaction where false",
        "update operational.loyalty_transaction set points = 0 where false",
        "select name from res_partner",
        "select code from loyalty_card",
        "create table public.taken (id int)",
        "create table creamery.taken (id int)",
        "set role pg_read_all_data",
    ],
)
def test_what_is_not_granted_is_refused(granted: World, statement: str) -> None:
    with psycopg.connect(granted.writer) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_odoo_without_an_add_on_or_a_log_is_enough(new_database: Callable[..., str]) -> None:
    uri = new_database("bare")
    worlds.run(
        uri,
        "create table loyalty_program (id int, program_type varchar)",
        "create table loyalty_card (id int, program_id int, points float8, write_date timestamp, code varchar)",
    )
    worlds.let_writer_in(uri)
    worlds.let_writer_in(uri)
    assert worlds.keeper(worlds.let_writer_in(uri)).database_uuid() is None

"""The tables that lists are exported from, with rows by hand."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests import nights

DAY = dt.date(2026, 11, 19)

_TABLES = """
    set role creamery_transformer;
    create table audiences.list_definition (
        list_name text primary key, kind text not null, campaign_name text, step integer, channel text not null,
        is_service boolean not null, title text
    );
    create table audiences.list_member (
        as_of_date date not null, list_name text not null, customer_sk bigint not null, customer_code text not null,
        partner_id integer, channel text not null, address text not null, customer_name text,
        is_internal_user boolean not null, offer_code text, merge_data jsonb
    );
    create table audiences.list_outcome (
        as_of_date date not null, list_name text not null, customer_sk bigint not null, outcome text not null,
        consent_rule text
    );
    reset role;
"""


def warehouse_with_lists(new_database: Callable[[str], str]) -> tuple[str, str]:
    """An empty warehouse with the tables of lists: DSN of its pipeline login, URI of its administrator."""
    admin_uri = new_database("lists")
    target = nights.prepare_warehouse(admin_uri)
    with psycopg.connect(admin_uri) as connection:
        # The bootstrap runs before dbt: what dbt would make is made here.
        exists = connection.execute("select to_regclass('audiences.list_member') is not null").fetchone()
        assert exists == (False,)
        connection.execute(_TABLES.encode())
    return target, admin_uri


def put_list(
    admin_uri: str,
    name: str,
    members: Iterable[Mapping[str, Any]],
    reasons: Mapping[str, int] | None = None,
    channel: str = "email",
    day: dt.date = DAY,
    handed_over: int | None = None,
) -> None:
    """A list with its members (merge data, and what differs from the ordinary) and those not handed over by reason."""
    rows = list(members)
    with psycopg.connect(admin_uri) as connection, connection.cursor() as cursor:
        cursor.execute("delete from audiences.list_member where list_name = %s and as_of_date = %s", (name, day))
        cursor.execute("delete from audiences.list_outcome where list_name = %s and as_of_date = %s", (name, day))
        cursor.execute(
            "insert into audiences.list_definition values (%s, 'campaign', %s, null, %s, false, %s)"
            " on conflict do nothing",
            (name, name, channel, name.replace("_", " ")),
        )
        cursor.executemany(
            "insert into audiences.list_member values (%s, %s, %s, %s, %s, %s, %s, %s, false, %s, %s)",
            [
                (
                    day,
                    name,
                    number,
                    row.get("customer_code", f"P{number}"),
                    number,
                    channel,
                    row.get("address", f"person{number}@example.com"),
                    row.get("customer_name", f"Person {number}"),
                    row.get("offer_code"),
                    Jsonb(row.get("merge_data", {})),
                )
                for number, row in enumerate(rows, 1)
            ],
        )
        outcomes = {"handed over": len(rows) if handed_over is None else handed_over, **(reasons or {})}
        numbers = iter(range(1, 10**9))
        cursor.executemany(
            "insert into audiences.list_outcome values (%s, %s, %s, %s, %s)",
            [
                (day, name, next(numbers), outcome, "live subscription" if outcome == "handed over" else None)
                for outcome, count in outcomes.items()
                for _ in range(count)
            ],
        )

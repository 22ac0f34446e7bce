"""The loyalty models' own SQL on hand-made rows: rendered without dbt, a temporary table for each model."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
from jinja2 import Environment, FileSystemLoader
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2] / "dbt_project"
LOTS = ("loyalty_lot_terms", "loyalty_lot_events", "loyalty_lot_sums", "loyalty_lot_replay")
LEDGER = (
    "intermediate/loyalty/int_loyalty__cards",
    "intermediate/loyalty/int_loyalty__expiries",
    "intermediate/loyalty/int_loyalty__history_changes",
    "intermediate/loyalty/int_loyalty__history_entries",
    "intermediate/loyalty/int_loyalty__order_changes",
    "intermediate/loyalty/int_loyalty__order_entries",
    "intermediate/loyalty/int_loyalty__tracked_entries",
    "intermediate/loyalty/int_loyalty__addon_entries",
    "intermediate/loyalty/int_loyalty__entries",
    "intermediate/loyalty/int_loyalty__balance_gaps",
    "star/loyalty/fact_loyalty_ledger",
)

# What the ledger reads, as far as it reads it: empty, but for one program of 2 months and three customers.
SOURCES = """
create temporary table stg_odoo__loyalty_card_version (
    loyalty_card_id integer, loyalty_program_id integer, partner_id integer, points_balance numeric,
    is_archived boolean, created_at timestamp, created_date date, known_from_at timestamptz, known_to_at timestamptz,
    known_from_date date, known_to_date date, has_ended boolean
);
create temporary table stg_odoo__loyalty_history_version (
    loyalty_history_id integer, loyalty_card_id integer, points_issued numeric, points_used numeric, order_id integer,
    pos_order_id integer, history_text text, recorded_at timestamp, record_date date, known_from_at timestamptz,
    known_to_at timestamptz, known_from_date date, known_to_date date, has_ended boolean
);
create temporary table stg_odoo__loyalty_program (loyalty_program_id integer, is_loyalty boolean);
insert into stg_odoo__loyalty_program values (1, true);
create temporary table stg_odoo__points_program (points_program_id integer);
create temporary table stg_odoo__customer_loyalty_version (
    loyalty_account_id integer, points_program_id integer, partner_id integer, points_balance numeric,
    joined_at timestamp, join_date date, known_from_at timestamptz, known_to_at timestamptz, known_from_date date,
    known_to_date date, has_ended boolean
);
create temporary table stg_odoo__loyalty_transaction_version (
    loyalty_transaction_id integer, loyalty_account_id integer, transaction_type text, points_change numeric,
    source_type text, source_id integer, expiry_date date, recorded_at timestamp, record_date date,
    known_from_at timestamptz, known_to_at timestamptz, known_from_date date, known_to_date date, has_ended boolean
);
create temporary table stg_odoo__loyalty_transaction (
    loyalty_transaction_id integer, source_type text, source_id integer
);
create temporary table stg_odoo__sale_order_version (
    order_id integer, is_confirmed boolean, ordered_at timestamp, order_date date, known_from_at timestamptz,
    known_to_at timestamptz, known_from_date date, known_to_date date, has_ended boolean
);
create temporary table stg_odoo__sale_order_coupon_points_version (
    order_id integer, loyalty_card_id integer, points_issued numeric, known_from_at timestamptz,
    known_to_at timestamptz, known_from_date date, known_to_date date, has_ended boolean
);
create temporary table stg_odoo__reward_line_version (
    order_id integer, loyalty_card_id integer, points_used numeric, known_from_at timestamptz,
    known_to_at timestamptz, known_from_date date, known_to_date date, has_ended boolean
);
create temporary table stg_odoo__pos_order (
    pos_order_id integer, is_paid boolean, is_refund boolean, ordered_at timestamp, order_date date
);
create temporary table stg_odoo__pos_order_line (
    pos_order_line_id integer, pos_order_id integer, refunded_line_id integer, is_reward boolean,
    loyalty_card_id integer, points_used numeric
);
create temporary table stg_odoo__mail_tracking_value (
    tracking_value_id integer, loyalty_card_id integer, points_before numeric, points_after numeric,
    changed_at timestamp, change_date date
);
create temporary table stg_ops__warehouse (business_time_zone text);
insert into stg_ops__warehouse values ('UTC');
create temporary table stg_ops__extraction (source_snapshot_at timestamptz);
create temporary table stg_ops__loyalty_expiry (
    expiry_key text, source_kind text, program_id integer, card_id integer, lot_key text, points numeric,
    expiry_date date, expiry_state text, pushed_at timestamptz, pushed_date date
);
create temporary table stg_ops__points_warning (customer_sk bigint, warned_date date);
create temporary table int_customer__contacts (partner_id integer, customer_id integer);
insert into int_customer__contacts select card, card from generate_series(1, 3) as card;
create temporary table dim_loyalty_program as
select
    ('x' || substr(md5('loyalty program|odoo|1'), 1, 16))::bit(64)::bigint as loyalty_program_sk,
    'active' as expiry_mode, date '2025-03-03' as first_expiry_date, 2 as expiry_months
"""


def render(path: str, days: Sequence[str]) -> str:
    """A model's SQL, with temporary tables for what it reads."""
    # SQL, not HTML: nothing is to be escaped.
    environment = Environment(loader=FileSystemLoader(ROOT), autoescape=False)  # noqa: S701
    environment.globals.update(
        config=lambda **_: "",
        ref=lambda name: name,
        latest=lambda name: f"(select * from {name})",
        var=lambda _, default="": default,
        as_of_dates=lambda: ", ".join(f"date '{day}'" for day in days),
        last_as_of_date=lambda: f"date '{max(days)}'",
        date_key=lambda expression: f"to_char({expression}, 'YYYYMMDD')::integer",
        surrogate_key=lambda parts: f"('x' || substr(md5(concat_ws('|', {', '.join(parts)})), 1, 16))::bit(64)::bigint",
    )
    macros = "{% from 'macros/loyalty.sql' import entry_order, replay_of_lots with context %}"
    return environment.from_string(macros + (ROOT / "models" / f"{path}.sql").read_text()).render()


def build(connection: psycopg.Connection, paths: Iterable[str], days: Sequence[str]) -> None:
    for path in paths:
        name = sql.Identifier(path.rpartition("/")[2])
        connection.execute(sql.SQL("drop table if exists pg_temp.{}").format(name))
        connection.execute(
            sql.SQL("create temporary table {} as {}").format(name, sql.SQL(render(path, days)))  # type: ignore[arg-type]
        )


def build_lots(connection: psycopg.Connection, days: Sequence[str]) -> None:
    build(connection, [f"marts/loyalty/{name}" for name in LOTS], days)

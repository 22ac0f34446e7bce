"""First in, first out over lots of points: the models' own SQL against one pass of window functions over its rows."""

import time
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.warehouse import loyalty_models

_DAY = "2026-11-19"
_LOTS_OF_A_CARD = 10
_ALLOCATION = "loyalty_lot_sums"

# Three years of a club: a card earns ten times and spends four times, more than half of what it earned. The program
# expires points after 12 months, and warned everybody every quarter since two years ago.
_SOURCES = (
    """
create table fact_loyalty_ledger as
select
    cards.card * 100 + entries.place as ledger_entry_sk,
    cards.card as loyalty_card_sk,
    1::bigint as loyalty_program_sk,
    cards.card as customer_sk,
    'odoo' as source_kind,
    'h' || cards.card || '-' || entries.place as entry_key,
    case when entries.is_use then 'redeem' else 'earn' end as entry_type,
    (case when entries.is_use then -150 else 100 end + hashint8(cards.card * 31 + entries.place) % 50)::numeric(16, 4)
        as points,
    moments.entry_at,
    moments.entry_at::date as entry_date,
    entries.place::bigint as entry_order,
    null::date as own_expiry_date,
    case when not entries.is_use then 'odoo-h' || cards.card || '-' || entries.place end as lot_key,
    null::text as bound_lot_key,
    null::text as returned_entry_key
from generate_series(1, {cards}) as cards (card)
cross join lateral (
    select place, place in (5, 8, 11, 14) as is_use from generate_series(1, 14) as place
) as entries
cross join lateral (
    select
        date '2023-11-20'
        + (entries.place * 70 + abs(hashint8(cards.card * 17 + entries.place) % 70)) * interval '1 day'
        + cards.card % 86400 * interval '1 second' as entry_at
) as moments
order by hashint8(cards.card * 14 + entries.place)
""",
    """
create table dim_loyalty_program as
select
    1::bigint as loyalty_program_sk, 'active' as expiry_mode, date '2024-12-01' as first_expiry_date,
    12 as expiry_months
""",
    """
create table stg_ops__points_warning as
select cards.card as customer_sk, date '2025-01-10' + quarters.quarter * 91 as warned_date
from generate_series(1, {cards}) as cards (card)
cross join generate_series(0, 7) as quarters (quarter)
""",
)
# The same rows in the same order as the allocation's own: events, and the ends of lots.
_WINDOWS = """
create table one_pass as
select
    timeline.*,
    sum(timeline.earned) over so_far as total_earned,
    sum(timeline.used) over so_far as total_used
from (
    select
        as_of_date, loyalty_card_sk, entry_date as happened_date, 1 as part, event_number as place,
        case when move = 'open' then points else 0 end as earned, case when move = 'use' then points else 0 end as used
    from loyalty_lot_events
    union all
    select as_of_date, loyalty_card_sk, coalesce(last_day + 1, 'infinity'), 0, lot_number, 0, 0
    from loyalty_lot_terms
) as timeline
window so_far as (
    partition by timeline.as_of_date, timeline.loyalty_card_sk
    order by timeline.happened_date, timeline.part, timeline.place rows unbounded preceding
)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds in units of the pass: of the allocation, and of all models from the ledger to the lots."""

    allocation: float
    models: float


def measure(dsn: str, lots: int) -> Measured:
    """In an empty database of the bench's own. Raises AssertionError where a point was lost on the way."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in _SOURCES:
            connection.execute(sql.SQL(statement).format(cards=lots // _LOTS_OF_A_CARD))  # type: ignore[arg-type]
        connection.execute("analyze")
        seconds = {}
        for name in loyalty_models.LOTS:
            query = f"create table {name} as {loyalty_models.render(f'marts/loyalty/{name}', [_DAY])}"
            seconds[name] = _seconds(connection, query)
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))
        one_pass = _seconds(connection, _WINDOWS)
        _require_all_points(connection)
    return Measured(seconds[_ALLOCATION] / one_pass, sum(seconds.values()) / one_pass)


def _seconds(connection: psycopg.Connection, query: str) -> float:
    started = time.monotonic()
    connection.execute(query.encode())
    return time.monotonic() - started


def _require_all_points(connection: psycopg.Connection) -> None:
    """What is left in a card's lots is its balance; nothing, where that is below zero."""
    row = connection.execute(
        """
        select count(*) from (
            select loyalty_card_sk, sum(points) as points from fact_loyalty_ledger
            where entry_date <= %(day)s group by loyalty_card_sk
        ) as balances
        left join (
            select loyalty_card_sk, sum(points_left) as points from (
                select loyalty_card_sk, points_left from loyalty_lot_sums where is_plain
                union all
                select loyalty_card_sk, points_left from loyalty_lot_replay
            ) as lots
            group by loyalty_card_sk
        ) as held using (loyalty_card_sk)
        where coalesce(held.points, 0) <> greatest(balances.points, 0)
        """,
        {"day": _DAY},
    ).fetchone()
    if row is None or row[0]:
        raise AssertionError(f"{row and row[0]} cards do not hold what their ledger says.")

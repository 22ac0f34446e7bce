"""Plan of a night's expiries: what audiences.loyalty_expiry asks for, with what the warehouse knew of each card.

Stored before anything is written. What happens to a card later is measured against what is stored here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import IsolationLevel

from creamery import publication
from creamery.errors import InputError, PushError
from creamery.loyalty import guard
from creamery.loyalty.keeper import SourceKind
from creamery.loyalty.ledger import State

# Lots in the order in which uses consume them.
_LOTS = """
select
    expiry.program_id, expiry.card_id, expiry.expiry_key, expiry.lot_key, expiry.expiry_date, expiry.points,
    row_number() over (
        partition by expiry.card_id order by expiry.expiry_date, expiry.lot_earned_date, expiry.lot_key
    )
from audiences.loyalty_expiry as expiry
where expiry.as_of_date = %(day)s and expiry.source_kind = %(kind)s and expiry.points > 0
order by expiry.card_id, 7
"""

_ODOO_CARDS = """
select
    card.id, card.program_id, coalesce(card.points, 0),
    log.entry_count, log.last_id, log.issued, log.used
from raw_odoo.loyalty_card as card
left join lateral (
    select
        count(*) as entry_count,
        coalesce(max(history.id), 0) as last_id,
        coalesce(sum(history.issued), 0) as issued,
        coalesce(sum(history.used), 0) as used
    from raw_odoo.loyalty_history as history
    where history.card_id = card.id and history._valid_from <= %(known_at)s and history._valid_to > %(known_at)s
) as log on exists (
    select from ops.source_table as probed where probed.table_name = 'loyalty_history' and probed.state <> 'absent'
)
where card.id = any(%(cards)s) and card._valid_from <= %(known_at)s and card._valid_to > %(known_at)s
"""

_ADDON_CARDS = """
select
    account.id, account.program_id, account.points_balance, log.entry_count, log.last_id, log.issued, log.used
from raw_odoo.operational_customer_loyalty as account
cross join lateral (
    select
        count(*) as entry_count,
        coalesce(max(entry.id), 0) as last_id,
        coalesce(sum(entry.points) filter (where entry.points > 0), 0) as issued,
        coalesce(sum(-entry.points) filter (where entry.points < 0), 0) as used
    from raw_odoo.operational_loyalty_transaction as entry
    where entry.loyalty_id = account.id and entry._valid_from <= %(known_at)s and entry._valid_to > %(known_at)s
) as log
where account.id = any(%(cards)s) and account._valid_from <= %(known_at)s and account._valid_to > %(known_at)s
"""

_OUTSTANDING = {
    SourceKind.ODOO: """
        select coalesce(sum(card.points), 0) from raw_odoo.loyalty_card as card
        where card.program_id = any(%(programs)s) and card.points > 0
        and card._valid_from <= %(known_at)s and card._valid_to > %(known_at)s
    """,
    SourceKind.ADDON: """
        select coalesce(sum(account.points_balance), 0) from raw_odoo.operational_customer_loyalty as account
        where account.program_id = any(%(programs)s) and account.points_balance > 0
        and account._valid_from <= %(known_at)s and account._valid_to > %(known_at)s
    """,
}
_CARDS = {SourceKind.ODOO: _ODOO_CARDS, SourceKind.ADDON: _ADDON_CARDS}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the warehouse says about a day's expiries, read from one snapshot of it."""

    as_of_date: date
    source_kind: SourceKind
    known_at: datetime
    source_uuid: str | None
    lots: tuple[tuple[Any, ...], ...]
    cards: tuple[tuple[Any, ...], ...]
    points_outstanding: Decimal


@dataclass(frozen=True, slots=True)
class Planned:
    """A stored plan in numbers: all that leaves the warehouse to ask a person."""

    plan_id: int
    as_of_date: date
    source_kind: SourceKind
    lot_count: int
    card_count: int
    points: Decimal
    points_outstanding: Decimal
    concerns: tuple[str, ...]


def draw(connection: psycopg.Connection, day: date, kind: SourceKind) -> Drawn:
    """Read day and cards as transformer. InputError for any day but the newest: of a past one too much has happened."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        newest = publication.newest_day(connection)
        if newest != day:
            raise InputError(
                f"Expiries of {day} are not pushed: the newest published day is {newest}. "
                "Lots that were due before are in its plan, each with its own date."
            )
        lots = connection.execute(_LOTS, {"day": day, "kind": kind}).fetchall()
        known_at, uuid = connection.execute(
            "select ops.known_at(%s), (select source_uuid from ops.warehouse)", (day,)
        ).fetchone() or (None, None)
        assert known_at is not None  # a day was published, so there was an extraction
        asked = {"known_at": known_at, "cards": [lot[1] for lot in lots]}
        cards = connection.execute(_CARDS[kind].encode(), asked).fetchall()
        outstanding = points_outstanding(connection, kind, [lot[0] for lot in lots], known_at)
    if unknown := {lot[1] for lot in lots} - {card[0] for card in cards}:
        raise PushError(
            f"audiences.loyalty_expiry of {day} names {len(unknown)} cards that raw_odoo does not have (the first: "
            f"{min(unknown)}). Clear build_audiences, then this task."
        )
    return Drawn(day, kind, known_at, uuid, tuple(lots), tuple(cards), outstanding)


def points_outstanding(
    connection: psycopg.Connection, kind: SourceKind, programs: Sequence[int], known_at: datetime
) -> Decimal:
    """What all cards of these programs held."""
    asked = {"programs": list(programs), "known_at": known_at}
    row = connection.execute(_OUTSTANDING[kind].encode(), asked).fetchone()
    return Decimal(row[0]) if row else Decimal(0)


def store(connection: psycopg.Connection, drawn: Drawn, limits: guard.Limits) -> Planned:
    """Store the plan as pusher: lots that were expired before, or are on their way, are not in it."""
    connection.execute(
        "update push.loyalty_plan set state = 'superseded'"
        " where purpose = 'expiries' and source_kind = %s and state in ('planned', 'awaiting approval', 'approved')",
        (drawn.source_kind,),
    )
    is_first = not _value(
        connection, "select exists (select from push.loyalty_expiry where source_kind = %s and state = 'done')", drawn
    )
    (plan_id,) = connection.execute(
        "insert into push.loyalty_plan (as_of_date, source_kind, known_at, points_outstanding)"
        " values (%s, %s, %s, %s) returning plan_id",
        (drawn.as_of_date, drawn.source_kind, drawn.known_at, drawn.points_outstanding),
    ).fetchone() or (0,)
    _copy(connection, plan_id, drawn)
    lot_count, card_count, points = _keep_what_is_due(connection, plan_id, drawn.source_kind)
    amounts = guard.Amounts(lot_count, points, drawn.points_outstanding, is_first)
    concerns = guard.concerns(amounts, limits) if lot_count else ()
    connection.execute(
        "update push.loyalty_plan set lot_count = %s, card_count = %s, points = %s, concerns = %s, state = %s"
        " where plan_id = %s",
        (
            *(lot_count, card_count, points, list(concerns)),
            State.AWAITING if concerns else State.APPROVED,
            plan_id,
        ),
    )
    connection.commit()
    return Planned(
        plan_id, drawn.as_of_date, drawn.source_kind, lot_count, card_count, points, drawn.points_outstanding, concerns
    )


def _copy(connection: psycopg.Connection, plan_id: int, drawn: Drawn) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy push.loyalty_plan_card (plan_id, card_id, program_id, balance, entry_count, last_entry_id,"
            " points_issued, points_used) from stdin"
        ) as copy,
    ):
        for card in drawn.cards:
            copy.write_row((plan_id, *card))
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy push.loyalty_plan_lot (plan_id, card_id, expiry_key, lot_key, expiry_date, points, position)"
            " from stdin"
        ) as copy,
    ):
        for lot in drawn.lots:
            copy.write_row((plan_id, *lot[1:]))


def _keep_what_is_due(connection: psycopg.Connection, plan_id: int, kind: SourceKind) -> tuple[int, int, Decimal]:
    connection.execute(
        "delete from push.loyalty_plan_lot as lot using push.loyalty_expiry as expiry"
        " where lot.plan_id = %s and lot.expiry_key = expiry.expiry_key"
        " and expiry.state in ('sending', 'done', 'compensated')",
        (plan_id,),
    )
    # Nor does a lot expire under another name while the day's data do not know what was written of it.
    connection.execute(
        "delete from push.loyalty_plan_lot as lot using push.loyalty_plan as plan, push.loyalty_expiry as expiry"
        " where lot.plan_id = %s and lot.plan_id = plan.plan_id and plan.source_kind = expiry.source_kind"
        " and lot.card_id = expiry.card_id and lot.lot_key = expiry.lot_key"
        " and expiry.state in ('done', 'compensated') and expiry.pushed_at > plan.known_at",
        (plan_id,),
    )
    connection.execute(
        "insert into push.loyalty_expiry (expiry_key, source_kind, program_id, card_id, lot_key, points, expiry_date)"
        " select lot.expiry_key, %s, card.program_id, lot.card_id, lot.lot_key, lot.points, lot.expiry_date"
        " from push.loyalty_plan_lot as lot"
        " join push.loyalty_plan_card as card on lot.plan_id = card.plan_id and lot.card_id = card.card_id"
        " where lot.plan_id = %s"
        " on conflict (expiry_key) do update"
        " set state = 'planned', points = excluded.points, planned_at = now(), message = null",
        (kind, plan_id),
    )
    row = connection.execute(
        "select count(*), count(distinct card_id), coalesce(sum(points), 0) from push.loyalty_plan_lot"
        " where plan_id = %s",
        (plan_id,),
    ).fetchone()
    assert row is not None  # an aggregate has one row
    return row


def _value(connection: psycopg.Connection, query: str, drawn: Drawn) -> Any:
    row = connection.execute(query.encode(), (drawn.source_kind,)).fetchone()
    return row[0] if row else None

"""push.loyalty_plan, push.loyalty_expiry and push.loyalty_award: what is planned, on its way, and acknowledged. One row
per key of an expiry or an award.

A row is `sending` before anything of it is written, and moves on only when the system has answered.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import LiteralString

import psycopg
from psycopg import sql

from creamery.errors import PushError, WarehouseError
from creamery.loyalty.amounts import Card, Log, Lot
from creamery.loyalty.keeper import Expired, SourceKind


@dataclass(frozen=True, slots=True)
class Entries:
    """What is written into a log of points, each under a key of its own, and where we keep it."""

    name: str
    table: str
    key: str
    plan_table: str
    proofs: str
    lock_key: int  # one push of them at a time

    def query(self, text: LiteralString) -> sql.Composed:
        return sql.SQL(text).format(
            table=sql.Identifier("push", self.table),
            key=sql.Identifier(self.key),
            plan_table=sql.Identifier("push", self.plan_table),
        )


EXPIRIES = Entries(
    "expiries", "loyalty_expiry", "expiry_key", "loyalty_plan_lot", "creamery.points_expired", 0x706F696E
)
AWARDS = Entries("awards", "loyalty_award", "award_key", "loyalty_plan_award", "creamery.points_awarded", 0x61776172)


class State(StrEnum):
    """What became of a plan."""

    PLANNED = "planned"
    AWAITING = "awaiting approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLIED = "applied"
    VERIFIED = "verified"
    SUPERSEDED = "superseded"
    REPORT_ONLY = "report only"


@dataclass(frozen=True, slots=True)
class Plan:
    """A stored plan; its cards come from `cards`."""

    plan_id: int
    as_of_date: date
    source_kind: SourceKind
    known_at: datetime
    state: State


@contextmanager
def only_pusher(connection: psycopg.Connection, wait_seconds: int = 60, of: Entries = EXPIRIES) -> Iterator[None]:
    """Hold the right to push them, for the block. PushError where another run keeps it for `wait_seconds`: the
    server lets go of what a dead run held as soon as it notices."""
    try:
        connection.execute("select set_config('lock_timeout', %s, true)", (f"{wait_seconds}s",))
        connection.execute("select pg_advisory_lock(%s)", (of.lock_key,))
        connection.commit()
    except psycopg.errors.LockNotAvailable as error:
        raise PushError(f"Another run is pushing {of.name} of points. Wait for it, then clear the task.") from error
    try:
        yield
    finally:
        if not connection.broken:
            connection.rollback()
            connection.execute("select pg_advisory_unlock(%s)", (of.lock_key,))
            connection.commit()


def read_plan(connection: psycopg.Connection, plan_id: int) -> Plan:
    row = connection.execute(
        "select plan_id, as_of_date, source_kind, known_at, state from push.loyalty_plan where plan_id = %s",
        (plan_id,),
    ).fetchone()
    if row is None:
        raise WarehouseError(f"Plan {plan_id} is not in push.loyalty_plan. Trigger the DAG again.")
    return Plan(row[0], row[1], SourceKind(row[2]), row[3], State(row[4]))


def set_state(connection: psycopg.Connection, plan_id: int, state: State) -> None:
    connection.execute(
        "update push.loyalty_plan set state = %(state)s,"
        " finished_at = case when %(state)s in ('applied', 'verified', 'report only') then now() end"
        " where plan_id = %(plan)s",
        {"state": state, "plan": plan_id},
    )
    connection.commit()


def decide(connection: psycopg.Connection, plan_ids: Sequence[int], state: State, decided_by: str) -> int:
    """Approve or reject what still awaits it; how many plans that were."""
    done = connection.execute(
        "update push.loyalty_plan set state = %s, decided_by = %s, decided_at = now()"
        " where plan_id = any(%s) and state = 'awaiting approval'",
        (state, decided_by, list(plan_ids)),
    )
    connection.commit()
    return done.rowcount


def cards(connection: psycopg.Connection, plan_id: int) -> list[Card]:
    """The plan's cards of which something is still to be written, with these lots in the order of their use."""
    rows = connection.execute(
        "select card.card_id, card.program_id, card.balance, card.entry_count, card.last_entry_id, card.points_issued,"
        " card.points_used, array(select before.expiry_key from push.loyalty_expiry as before"
        " where before.source_kind = plan.source_kind and before.card_id = card.card_id"
        " and before.state in ('done', 'compensated')), lot.expiry_key, lot.lot_key, lot.expiry_date, lot.points"
        " from push.loyalty_plan_card as card"
        " join push.loyalty_plan as plan on card.plan_id = plan.plan_id"
        " join push.loyalty_plan_lot as lot on card.plan_id = lot.plan_id and card.card_id = lot.card_id"
        " join push.loyalty_expiry as expiry on lot.expiry_key = expiry.expiry_key"
        " where card.plan_id = %s and expiry.state = 'planned'"
        " order by card.card_id, lot.position",
        (plan_id,),
    ).fetchall()
    grouped = groupby(rows, key=lambda row: row[:8])
    return [_card(head, tuple(Lot(*row[8:]) for row in lots)) for head, lots in grouped]


def _card(head: Sequence[object], lots: tuple[Lot, ...]) -> Card:
    card_id, program_id, balance, *log, expired_keys = head
    known = None if log[0] is None else Log(*log)  # type: ignore[arg-type]
    return Card(card_id, program_id, balance, known, lots, tuple(expired_keys))  # type: ignore[arg-type]


def being_sent(connection: psycopg.Connection, kind: SourceKind, of: Entries = EXPIRIES) -> dict[int, list[str]]:
    """Keys by card of which nobody knows yet whether they were written."""
    rows = connection.execute(
        of.query(
            "select card_id, array_agg({key} order by {key}) from {table}"
            " where source_kind = %s and state = 'sending' group by card_id order by card_id"
        ),
        (kind,),
    ).fetchall()
    return dict(rows)


def mark_sending(connection: psycopg.Connection, keys: Sequence[str], of: Entries = EXPIRIES) -> None:
    connection.execute(
        of.query("update {table} set state = 'sending', message = null where {key} = any(%s)"), (list(keys),)
    )
    connection.commit()


def settle(connection: psycopg.Connection, answer: Expired, of: Entries = EXPIRIES) -> None:
    """What was written is done, with the points and the moment that the system says; compensated, where all of it was
    taken back for a use that had come in between."""
    connection.execute(
        of.query(
            "update {table} as entry"
            " set state = case when answer.points > 0 or entry.points = 0 then 'done' else 'compensated' end,"
            " points = case when answer.points > 0 then answer.points else entry.points end,"
            " pushed_at = answer.written_at, message = null"
            " from unnest(%s::text[], %s::numeric[], %s::timestamptz[]) as answer (entry_key, points, written_at)"
            " where entry.{key} = answer.entry_key"
        ),
        (list(answer), [each.points for each in answer.values()], [each.written_at for each in answer.values()]),
    )
    connection.commit()


def plan_again(connection: psycopg.Connection, keys: Sequence[str], of: Entries = EXPIRIES) -> None:
    """Nothing of these was written: the plan that they are in may go on with them."""
    connection.execute(of.query("update {table} set state = 'planned' where {key} = any(%s)"), (list(keys),))
    connection.commit()


def reject(connection: psycopg.Connection, keys: Sequence[str], reason: str, of: Entries = EXPIRIES) -> None:
    """Nothing of these is written by this plan; a later one may have them again."""
    connection.execute(
        of.query("update {table} set state = 'rejected', message = %s where {key} = any(%s)"), (reason, list(keys))
    )
    connection.commit()

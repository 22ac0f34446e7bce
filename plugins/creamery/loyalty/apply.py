"""Write a plan card by card, and read back that it stands.

Every step can be interrupted at any point and run again: what is `sending` is read back from the system before
anything else is written.
"""

import logging
from dataclasses import dataclass
from decimal import Decimal

import psycopg

from creamery.errors import PushError, RefusedError
from creamery.loyalty import ledger
from creamery.loyalty.amounts import Card, Deferral
from creamery.loyalty.keeper import PointsKeeper
from creamery.loyalty.ledger import Plan, State

log = logging.getLogger(__name__)

USED_BEFORE = "its points were used before it expired"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan's lots."""

    done: int
    rejected: int
    points: Decimal


def require_same_system(keeper: PointsKeeper, source_uuid: str | None) -> None:
    """PushError where the connection leads to another Odoo than the warehouse belongs to. Where one of them does not
    say which it is, the cards have to tell: their log is not the one that the plan knew."""
    uuid = keeper.database_uuid()
    if uuid and source_uuid and uuid != source_uuid:
        raise PushError(
            f"The warehouse belongs to the Odoo with database.uuid {source_uuid}, but points would be written into "
            f"{uuid}. Correct the connection; after a restore run sql/odoo_loyalty_writer.sql there."
        )


def settle(connection: psycopg.Connection, keeper: PointsKeeper) -> int:
    """Find out what became of expiries that an interrupted run left on their way; how many there were."""
    interrupted = ledger.being_sent(connection, keeper.source_kind)
    for card_id, keys in interrupted.items():
        written = keeper.written(card_id, keys)
        ledger.settle(connection, written)
        ledger.plan_again(connection, [key for key in keys if key not in written])
    return sum(map(len, interrupted.values()))


def write(connection: psycopg.Connection, keeper: PointsKeeper, plan: Plan) -> Applied:
    """Expire what the plan says and is still there. A card that is refused does not stop the others."""
    if plan.state not in (State.APPROVED, State.APPLIED, State.VERIFIED):
        raise PushError(f"Plan {plan.plan_id} of expiries is {plan.state} and is not written. Trigger the DAG again.")
    for card in ledger.cards(connection, plan.plan_id):
        _write_card(connection, keeper, plan, card)
    ledger.set_state(connection, plan.plan_id, State.APPLIED)
    return _count(connection, plan)


def _write_card(connection: psycopg.Connection, keeper: PointsKeeper, plan: Plan, card: Card) -> None:
    keys = [lot.expiry_key for lot in card.lots]
    ledger.mark_sending(connection, keys)
    try:
        answer = keeper.expire(card, plan.known_at)
    except RefusedError as error:
        ledger.reject(connection, keys, str(error))
        return
    if isinstance(answer, Deferral):
        ledger.reject(connection, keys, answer.reason)
    else:
        ledger.settle(connection, answer)
        ledger.reject(connection, [key for key in keys if key not in answer], USED_BEFORE)


def verify(connection: psycopg.Connection, keeper: PointsKeeper, plan: Plan) -> int:
    """Compare what the ledger calls done with what stands in the system; how many. PushError where they differ."""
    rows = connection.execute(
        "select expiry.expiry_key, expiry.points from push.loyalty_plan_lot as lot"
        " join push.loyalty_expiry as expiry on lot.expiry_key = expiry.expiry_key"
        " where lot.plan_id = %s and expiry.state = 'done'",
        (plan.plan_id,),
    ).fetchall()
    done: dict[str, Decimal] = dict(rows)
    standing = {key: each.points for key, each in keeper.read_back(list(done)).items()}
    if differing := sorted(key for key, points in done.items() if standing.get(key) != points):
        raise PushError(
            f"Of {len(done)} expiries of plan {plan.plan_id}, {len(differing)} do not stand in the system as they were "
            f"acknowledged: {', '.join(differing[:5])}. Compare creamery.points_expired there with "
            "push.loyalty_expiry (docs/loyalty-push.md)."
        )
    ledger.set_state(connection, plan.plan_id, State.VERIFIED)
    return len(done)


def _count(connection: psycopg.Connection, plan: Plan) -> Applied:
    row = connection.execute(
        "select count(*) filter (where expiry.state = 'done'),"
        " count(*) filter (where expiry.state in ('rejected', 'compensated')),"
        " coalesce(sum(expiry.points) filter (where expiry.state = 'done'), 0)"
        " from push.loyalty_plan_lot as lot join push.loyalty_expiry as expiry on lot.expiry_key = expiry.expiry_key"
        " where lot.plan_id = %s",
        (plan.plan_id,),
    ).fetchone()
    assert row is not None  # an aggregate has one row
    return Applied(*row)

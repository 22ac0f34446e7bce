"""Write a plan of expiries or awards card by card, and read back that it stands.

Every step can be interrupted at any point and run again: what is `sending` is read back from the system before
anything else is written.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg

from creamery.errors import PushError, RefusedError
from creamery.loyalty import award_plan, ledger
from creamery.loyalty.amounts import Card, Deferral
from creamery.loyalty.awards import Account
from creamery.loyalty.keeper import AwardKeeper, Expired, PointsKeeper, Proofs
from creamery.loyalty.ledger import AWARDS, EXPIRIES, Entries, Plan, State

log = logging.getLogger(__name__)

USED_BEFORE = "its points were used before it expired"
GIVEN_BEFORE = "it was given in the meantime"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan's lots, or awards."""

    done: int
    rejected: int
    points: Decimal


def require_same_system(keeper: Proofs, source_uuid: str | None) -> None:
    """PushError where the connection leads to another Odoo than the warehouse belongs to. Where one of them does not
    say which it is, the cards have to tell: their log is not the one that the plan knew."""
    uuid = keeper.database_uuid()
    if uuid and source_uuid and uuid != source_uuid:
        raise PushError(
            f"The warehouse belongs to the Odoo with database.uuid {source_uuid}, but points would be written into "
            f"{uuid}. Correct the connection; after a restore run sql/odoo_loyalty_writer.sql there."
        )


def settle(connection: psycopg.Connection, keeper: Proofs, of: Entries = EXPIRIES) -> int:
    """Find out what became of entries that an interrupted run left on their way; how many there were."""
    interrupted = ledger.being_sent(connection, keeper.source_kind, of)
    for card_id, keys in interrupted.items():
        written = keeper.written(card_id, keys)
        ledger.settle(connection, written, of)
        ledger.plan_again(connection, [key for key in keys if key not in written], of)
    return sum(map(len, interrupted.values()))


def write(connection: psycopg.Connection, keeper: PointsKeeper, plan: Plan) -> Applied:
    """Expire what the plan says and is still there. A card that is refused does not stop the others."""
    _require_approval(plan, EXPIRIES)
    for card in ledger.cards(connection, plan.plan_id):
        _write_card(connection, keeper, plan, card)
    return _close(connection, plan, EXPIRIES)


def _write_card(connection: psycopg.Connection, keeper: PointsKeeper, plan: Plan, card: Card) -> None:
    keys = [lot.expiry_key for lot in card.lots]
    _attempt(connection, keys, lambda: keeper.expire(card, plan.known_at), USED_BEFORE, EXPIRIES)


def write_awards(connection: psycopg.Connection, keeper: AwardKeeper, plan: Plan) -> Applied:
    """Give what the plan says and nobody gave in the meantime. An account that is refused does not stop the others."""
    _require_approval(plan, AWARDS)
    for account in award_plan.accounts(connection, plan.plan_id):
        _write_account(connection, keeper, account)
    return _close(connection, plan, AWARDS)


def _write_account(connection: psycopg.Connection, keeper: AwardKeeper, account: Account) -> None:
    keys = [award.award_key for award in account.awards]
    _attempt(connection, keys, lambda: keeper.award(account), GIVEN_BEFORE, AWARDS)


def _require_approval(plan: Plan, of: Entries) -> None:
    if plan.state not in (State.APPROVED, State.APPLIED, State.VERIFIED):
        raise PushError(f"Plan {plan.plan_id} of {of.name} is {plan.state} and is not written. Trigger the DAG again.")


def _attempt(
    connection: psycopg.Connection,
    keys: Sequence[str],
    attempt: Callable[[], Expired | Deferral],
    left_out: str,
    of: Entries,
) -> None:
    ledger.mark_sending(connection, keys, of)
    try:
        answer = attempt()
    except RefusedError as error:
        ledger.reject(connection, keys, str(error), of)
        return
    if isinstance(answer, Deferral):
        ledger.reject(connection, keys, answer.reason, of)
    else:
        ledger.settle(connection, answer, of)
        ledger.reject(connection, [key for key in keys if key not in answer], left_out, of)


def _close(connection: psycopg.Connection, plan: Plan, of: Entries) -> Applied:
    ledger.set_state(connection, plan.plan_id, State.APPLIED)
    return _count(connection, plan, of)


def verify(connection: psycopg.Connection, keeper: Proofs, plan: Plan, of: Entries = EXPIRIES) -> int:
    """Compare what the ledger calls done with what stands in the system; how many. PushError where they differ."""
    rows = connection.execute(
        of.query(
            "select entry.{key}, entry.points from {plan_table} as planned"
            " join {table} as entry on planned.{key} = entry.{key}"
            " where planned.plan_id = %s and entry.state = 'done'"
        ),
        (plan.plan_id,),
    ).fetchall()
    done: dict[str, Decimal] = dict(rows)
    standing = {key: each.points for key, each in keeper.read_back(list(done)).items()}
    if differing := sorted(key for key, points in done.items() if standing.get(key) != points):
        raise PushError(
            f"Of {len(done)} {of.name} of plan {plan.plan_id}, {len(differing)} do not stand in the system as they "
            f"were acknowledged: {', '.join(differing[:5])}. Compare {of.proofs} there with "
            f"push.{of.table} (docs/loyalty-push.md)."
        )
    ledger.set_state(connection, plan.plan_id, State.VERIFIED)
    return len(done)


def _count(connection: psycopg.Connection, plan: Plan, of: Entries) -> Applied:
    row = connection.execute(
        of.query(
            "select count(*) filter (where entry.state = 'done'),"
            " count(*) filter (where entry.state in ('rejected', 'compensated')),"
            " coalesce(sum(entry.points) filter (where entry.state = 'done'), 0)"
            " from {plan_table} as planned join {table} as entry on planned.{key} = entry.{key}"
            " where planned.plan_id = %s"
        ),
        (plan.plan_id,),
    ).fetchone()
    assert row is not None  # an aggregate has one row
    return Applied(*row)

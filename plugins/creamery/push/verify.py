"""Verify: read the destination back, and compare it with what the plan says."""

from dataclasses import dataclass

import psycopg

from creamery.errors import PushError
from creamery.push import ledger
from creamery.push.destinations import Destination
from creamery.push.ledger import State


@dataclass(frozen=True, slots=True)
class Verified:
    """In numbers: who is there as planned, who is not, and who of ours is there against the plan."""

    present: int
    missing: int
    surplus: int


def verify_plan(connection: psycopg.Connection, destination: Destination, plan_id: int) -> Verified:
    """PushError where the destination differs from an applied plan."""
    plan = ledger.plan_of(connection, plan_id)
    if plan.state not in (State.APPLIED, State.VERIFIED):
        raise PushError(f"Plan {plan_id} of {plan.list_name} is {plan.state}, not applied: there is nothing to verify.")
    expected = {
        address
        for (address,) in connection.execute(
            "select address from push.operation where plan_id = %s and state = 'done' and action in ('add', 'keep')",
            (plan_id,),
        )
    }
    held = {each.address: each for each in destination.held(plan.list_name)}
    ours = {address for address, each in held.items() if each.is_ours and not each.is_opted_out}
    found = Verified(
        len(expected & held.keys()), len(expected - held.keys()), len(ours - expected - _refused(connection, plan_id))
    )
    if found.missing or found.surplus:
        raise PushError(
            f"{destination.name} differs from plan {plan_id} of {plan.list_name}: {found.missing} missing, "
            f"{found.surplus} too many. Somebody changed the list meanwhile, or another program writes to it. Clear "
            "the task that plans: the next plan starts from what is there."
        )
    ledger.set_state(connection, plan_id, State.VERIFIED)
    return found


def _refused(connection: psycopg.Connection, plan_id: int) -> set[str]:
    """Whom the destination would not let go: in the list of rejected members, with the reason."""
    rows = connection.execute(
        "select address from push.operation where plan_id = %s and action = 'remove' and state = 'rejected'", (plan_id,)
    )
    return {address for (address,) in rows}

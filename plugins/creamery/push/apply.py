"""Apply: write what was approved, batch by batch, and note every acknowledgement.

A batch that is refused is halved until the bad member is alone. A batch whose outcome is unknown is read back before
anything is sent again. Whoever is suppressed by now stays out, or leaves.
"""

from collections.abc import Sequence
from typing import Protocol

import psycopg

from creamery.errors import PushError, RefusedError, UnknownOutcomeError
from creamery.push import ledger
from creamery.push.destinations import Destination
from creamery.push.ledger import Action, Plan, State
from creamery.push.member import DONE, Held, Member, Outcome

_TRIES = 3
# So many members refused one after the other, and none taken: it is not the members.
_GIVE_UP_AFTER = 20


class LiveSuppression(Protocol):
    """The source of consent as it is now."""

    def reasons(self, list_name: str, members: Sequence[Member]) -> dict[str, str]:
        """Why addresses must not be on the list; who may be is not among them."""


def apply_plan(
    connection: psycopg.Connection,
    destination: Destination,
    suppression: LiveSuppression,
    plan_id: int,
    batch_size: int = 500,
) -> dict[str, int]:
    """Carry out an approved plan, or go on with it; operations by what became of them."""
    plan = ledger.plan_of(connection, plan_id)
    if plan.state in (State.APPLIED, State.VERIFIED):
        return ledger.counts(connection, plan_id)
    _require_approved(connection, plan)
    ledger.set_state(connection, plan_id, State.APPLYING)
    recover(connection, destination, plan)
    _suppress(connection, suppression, plan)
    _Writer(connection, destination, plan, batch_size).write_all()
    ledger.set_state(connection, plan_id, State.APPLIED)
    return ledger.counts(connection, plan_id)


def recover(connection: psycopg.Connection, destination: Destination, plan: Plan) -> None:
    """Ask the destination what became of the operations whose answer never came."""
    for action in (Action.ADD, Action.REMOVE):
        if unknown := ledger.members(connection, plan.plan_id, [action], "sending"):
            _read_back(connection, destination, plan, action, [member.address for member in unknown])


def _require_approved(connection: psycopg.Connection, plan: Plan) -> None:
    """PushError unless the plan is approved, still the newest of its list and day, of the audience as it is by now, and
    no larger than it was."""
    newest = ledger.newest_plan(connection, plan.destination, plan.list_name)
    if plan.state not in (State.APPROVED, State.APPLYING) or newest is None or newest.plan_id != plan.plan_id:
        raise PushError(
            f"Plan {plan.plan_id} of {plan.list_name} is {plan.state}: only an approved plan, the newest of its list, "
            "is applied. Plan anew (docs/push.md)."
        )
    row = connection.execute(
        "select publication.as_of_date,"
        " (select count(*) from push.operation where plan_id = %(plan)s and action = 'add' and state <> 'suppressed'),"
        " (select count(*) from push.operation where plan_id = %(plan)s and action = 'remove' and reason is null)"
        " from ops.publication",
        {"plan": plan.plan_id},
    ).fetchone()
    if row is None or (plan.kind != ledger.Kind.ROLL_BACK and row[0] != plan.as_of_date):
        raise PushError(f"Plan {plan.plan_id} is about {plan.as_of_date}; a newer day is published. Plan anew.")
    if plan.kind == ledger.Kind.AUDIENCE and _was_built_again(connection, plan):
        ledger.set_state(connection, plan.plan_id, State.SUPERSEDED)
        raise PushError(
            f"Plan {plan.plan_id} of {plan.list_name} is superseded: {plan.as_of_date} has been built and published "
            "again since, and its audience may be another. Clear the task that plans, once its audiences are built."
        )
    if row[1] > plan.add_count or row[2] > plan.remove_count:
        raise PushError(
            f"Plan {plan.plan_id} of {plan.list_name} has grown since it was approved: {row[1]} to add instead of "
            f"{plan.add_count}, {row[2]} to remove instead of {plan.remove_count}. Plan anew."
        )


def _was_built_again(connection: psycopg.Connection, plan: Plan) -> bool:
    """Also where the plan is applied in part: what was begun is read back, and the next plan starts from there."""
    row = connection.execute(
        "select day.generation <> plan.generation from push.plan as plan"
        " inner join ops.published_day as day on plan.as_of_date = day.as_of_date where plan.plan_id = %s",
        (plan.plan_id,),
    ).fetchone()
    return row == (True,)


def _suppress(connection: psycopg.Connection, suppression: LiveSuppression, plan: Plan) -> None:
    planned = ledger.members(connection, plan.plan_id, [Action.ADD, Action.KEEP], "planned")
    if planned:
        ledger.suppress(connection, plan.plan_id, suppression.reasons(plan.list_name, planned))


def _read_back(
    connection: psycopg.Connection, destination: Destination, plan: Plan, action: Action, addresses: Sequence[str]
) -> None:
    """What is as it should be is done; the rest was not written, and is planned again."""
    found = destination.find(plan.list_name, addresses)
    if action is Action.ADD:
        outcomes = {address: _outcome_of(held) for address, held in found.items()}
    else:
        # Who unsubscribed meanwhile is as gone as somebody removed.
        gone = [each for each in addresses if each not in found or found[each].is_opted_out]
        outcomes = dict.fromkeys(gone, DONE)
    ledger.settle(connection, plan, action, outcomes)
    ledger.take_back(connection, plan.plan_id, [each for each in addresses if each not in outcomes])


def _outcome_of(held: Held) -> Outcome:
    if held.is_opted_out:
        return Outcome(rejected_because="unsubscribed from the list")
    return DONE if held.is_ours else Outcome(is_by_hand=True)


class _Writer:
    """Everything of one plan, in batches."""

    def __init__(self, connection: psycopg.Connection, destination: Destination, plan: Plan, batch_size: int) -> None:
        self._connection, self._destination, self._plan = connection, destination, plan
        self._batch_size = batch_size
        self._refused_in_a_row = 0

    def write_all(self) -> None:
        """Removals first: who may not be there leaves before anybody comes."""
        for action in (Action.REMOVE, Action.ADD):
            while batch := self._planned(action, self._batch_size):
                self._write(action, batch)
        while kept := self._planned(Action.KEEP, self._batch_size):
            ledger.settle(self._connection, self._plan, Action.KEEP, dict.fromkeys((k.address for k in kept), DONE))

    def _planned(self, action: Action, limit: int | None) -> list[Member]:
        return ledger.members(self._connection, self._plan.plan_id, [action], "planned", limit)

    def _write(self, action: Action, batch: list[Member]) -> None:
        for _ in range(_TRIES):
            addresses = [member.address for member in batch]
            ledger.announce(self._connection, self._plan.plan_id, addresses)
            try:
                outcomes = self._send(action, batch)
            except RefusedError as error:
                return self._divide(action, batch, str(error))
            except UnknownOutcomeError as error:
                problem = str(error)
                _read_back(self._connection, self._destination, self._plan, action, addresses)
                still_planned = {member.address for member in self._planned(action, None)}
                batch = [member for member in batch if member.address in still_planned]
                if not batch:
                    return None
            else:
                self._refused_in_a_row = 0
                return ledger.settle(self._connection, self._plan, action, outcomes)
        return self._divide(action, batch, problem)

    def _send(self, action: Action, batch: list[Member]) -> dict[str, Outcome]:
        if action is Action.ADD:
            return dict(self._destination.add(self._plan.list_name, batch))
        return dict(self._destination.remove(self._plan.list_name, [member.address for member in batch]))

    def _divide(self, action: Action, batch: list[Member], problem: str) -> None:
        ledger.take_back(self._connection, self._plan.plan_id, [member.address for member in batch])
        if len(batch) > 1:
            middle = len(batch) // 2
            self._write(action, batch[:middle])
            self._write(action, batch[middle:])
            return
        self._refused_in_a_row += 1
        if self._refused_in_a_row >= _GIVE_UP_AFTER:
            raise PushError(
                f"{self._destination.name} refuses everybody on {self._plan.list_name}: {problem} Nothing more is "
                "sent. Check the rights of our user there (docs/push.md), then clear the task."
            )
        outcome = Outcome(rejected_because=problem)
        ledger.settle(self._connection, self._plan, action, {batch[0].address: outcome})

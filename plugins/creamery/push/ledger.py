"""What is planned, under way and acknowledged: the rows of schema push.

Every change of state is a transaction of its own, so that a run that is killed leaves behind what it was about to do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from creamery.errors import PushBusyError, PushError
from creamery.push.destinations import Destination
from creamery.push.member import Member, Outcome


class Kind(StrEnum):
    AUDIENCE = "audience"
    ROLL_BACK = "roll-back"
    REMINDERS = "reminders"  # of carts, every quarter of an hour


class State(StrEnum):
    """Of a plan."""

    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLYING = "applying"
    APPLIED = "applied"
    VERIFIED = "verified"
    SUPERSEDED = "superseded"


class Action(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    KEEP = "keep"


BY_HAND = "added by hand"  # on the list without our doing: nothing to write, and never ours to remove


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between what a list has of ours and what it is to have, in numbers."""

    plan_id: int
    destination: str
    list_name: str
    as_of_date: date
    kind: Kind
    state: State
    held_count: int
    add_count: int
    remove_count: int
    keep_count: int
    concerns: list[str]

    @property
    def target_count(self) -> int:
        return self.keep_count + self.add_count

    @property
    def changes_nothing(self) -> bool:
        return self.add_count == 0 and self.remove_count == 0

    def __str__(self) -> str:
        return (
            f"{self.held_count} held, {self.add_count} to add, {self.remove_count} to remove, {self.target_count} then"
        )


_PLAN = (
    "select plan_id, destination, list_name, as_of_date, kind, state, held_count, add_count, remove_count, keep_count,"
    " concerns from push.plan "
)


@contextmanager
def held_by_us(connection: psycopg.Connection, destination: str) -> Iterator[None]:
    """Be the only push into `destination`. PushBusyError where another one is at it."""
    key = {"destination": f"push {destination}"}
    if connection.execute("select pg_try_advisory_lock(hashtextextended(%(destination)s, 0))", key).fetchone() != (
        True,
    ):
        raise PushBusyError(f"Another run is pushing into {destination}. Wait until it ends, then clear the task.")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%(destination)s, 0))", key)


def pin(connection: psycopg.Connection, destination: Destination) -> None:
    """First sight: this system becomes the destination's. Later: PushError for any other, and for an Odoo that is not
    the one the warehouse was extracted from."""
    identity = destination.identity()
    pinned, source_uuid = connection.execute(
        "with noted as ("
        "insert into push.destination (destination, system_identity) values (%(name)s, %(identity)s)"
        " on conflict (destination) do update set system_identity = push.destination.system_identity"
        " returning system_identity"
        ") select noted.system_identity, (select source_uuid from ops.warehouse) from noted",
        {"name": destination.name, "identity": identity},
    ).fetchone() or ("", None)
    if pinned != identity:
        raise PushError(
            f"Destination {destination.name} belongs to {pinned}, but its connection leads to {identity}. Correct the "
            "connection; a new Odoo needs a new warehouse."
        )
    if destination.is_source and source_uuid and _is_uuid(identity) and identity != source_uuid:
        raise PushError(
            f"The warehouse was extracted from the Odoo {source_uuid}, but {destination.name} leads to {identity}: its "
            "customers are others. Correct the connection."
        )


def _is_uuid(identity: str) -> bool:
    return len(identity) == 36 and identity.count("-") == 4


def plan_of(connection: psycopg.Connection, plan_id: int) -> Plan:
    with connection.cursor(row_factory=class_row(Plan)) as cursor:
        plan = cursor.execute(_PLAN + "where plan_id = %s", (plan_id,)).fetchone()
    if plan is None:
        raise PushError(f"There is no plan {plan_id} in push.plan.")
    return plan


def newest_plan(connection: psycopg.Connection, destination: str, list_name: str) -> Plan | None:
    """The newest plan of a list that was or may be carried out."""
    with connection.cursor(row_factory=class_row(Plan)) as cursor:
        return cursor.execute(
            _PLAN + "where destination = %s and list_name = %s order by plan_id desc limit 1", (destination, list_name)
        ).fetchone()


def is_with_a_person(connection: psycopg.Connection, destination: str, list_name: str, as_of_date: date) -> bool:
    """Whether somebody is asked about the list's newest plan, of this day, or has approved it and it is under way."""
    row = connection.execute(
        "select as_of_date = %s and (state = 'awaiting approval'"
        " or (decided_by is not null and state in ('approved', 'applying', 'applied')))"
        " from push.plan where destination = %s and list_name = %s order by plan_id desc limit 1",
        (as_of_date, destination, list_name),
    ).fetchone()
    return row == (True,)


def set_state(connection: psycopg.Connection, plan_id: int, state: State, decided_by: str | None = None) -> None:
    connection.execute(
        "update push.plan set state = %(state)s,"
        " decided_by = coalesce(%(by)s, decided_by),"
        " decided_at = case when %(by)s::text is null then decided_at else clock_timestamp() end,"
        " finished_at = case when %(state)s in ('applied', 'verified') then clock_timestamp() end"
        " where plan_id = %(plan)s",
        {"state": state, "by": decided_by, "plan": plan_id},
    )


def supersede(connection: psycopg.Connection, destination: str, list_name: str) -> None:
    """Take back the plans of a list that were not carried out to their end."""
    connection.execute(
        "update push.plan set state = 'superseded' where destination = %s and list_name = %s"
        " and state in ('planned', 'awaiting approval', 'approved', 'applying')",
        (destination, list_name),
    )


def members(
    connection: psycopg.Connection, plan_id: int, actions: Sequence[Action], state: str, limit: int | None = None
) -> list[Member]:
    """Those whose operation is of one of `actions` and in `state`."""
    with connection.cursor(row_factory=class_row(Member)) as cursor:
        return cursor.execute(
            "select address, customer_sk, partner_id, member_name as name, payload from push.operation"
            " where plan_id = %s and action = any(%s) and state = %s order by address limit %s",
            (plan_id, list(actions), state, limit),
        ).fetchall()


def announce(connection: psycopg.Connection, plan_id: int, addresses: Sequence[str]) -> None:
    """Note what is about to be written, before it is: the outcome of what stays so is unknown."""
    connection.execute(
        "update push.operation set state = 'sending', sent_out_at = clock_timestamp()"
        " where plan_id = %s and address = any(%s)",
        (plan_id, list(addresses)),
    )


def take_back(connection: psycopg.Connection, plan_id: int, addresses: Sequence[str]) -> None:
    """What was about to be written was not."""
    connection.execute(
        "update push.operation set state = 'planned' where plan_id = %s and address = any(%s)",
        (plan_id, list(addresses)),
    )


def settle(connection: psycopg.Connection, plan: Plan, action: Action, outcomes: Mapping[str, Outcome]) -> None:
    """Note what the destination answered: operations and stays move on together."""
    done = [address for address, outcome in outcomes.items() if outcome.is_done and not outcome.is_by_hand]
    with connection.transaction():
        with connection.cursor() as cursor:
            cursor.executemany(
                "update push.operation set state = %s, reason = coalesce(%s, reason), settled_at = clock_timestamp()"
                " where plan_id = %s and address = %s",
                [(_state(outcome), _reason(outcome), plan.plan_id, each) for each, outcome in outcomes.items()],
            )
        if action is Action.REMOVE:
            close_stays(connection, plan.destination, plan.list_name, done)
        else:
            _open_stays(connection, plan.plan_id, done)


def _state(outcome: Outcome) -> str:
    return "done" if outcome.is_done else "rejected"


def _reason(outcome: Outcome) -> str | None:
    return BY_HAND if outcome.is_by_hand else outcome.rejected_because


def _open_stays(connection: psycopg.Connection, plan_id: int, addresses: Sequence[str]) -> None:
    connection.execute(
        "insert into push.list_stay (destination, list_name, address, customer_sk, pushed_at)"
        " select plan.destination, plan.list_name, operation.address, operation.customer_sk, clock_timestamp()"
        " from push.operation as operation inner join push.plan as plan on operation.plan_id = plan.plan_id"
        " where operation.plan_id = %s and operation.address = any(%s)"
        " on conflict (destination, list_name, address) where removed_at is null do nothing",
        (plan_id, list(addresses)),
    )


def close_stays(connection: psycopg.Connection, destination: str, list_name: str, addresses: Sequence[str]) -> None:
    connection.execute(
        "update push.list_stay set removed_at = clock_timestamp()"
        " where destination = %s and list_name = %s and address = any(%s) and removed_at is null",
        (destination, list_name, list(addresses)),
    )


def unsent_since(connection: psycopg.Connection, destination: str, list_name: str) -> datetime | None:
    """When the first of those on the list came who have not been written to yet."""
    row = connection.execute(
        "select min(pushed_at) from push.list_stay"
        " where destination = %s and list_name = %s and removed_at is null and sent_at is null",
        (destination, list_name),
    ).fetchone()
    return row[0] if row else None


def note_sent(
    connection: psycopg.Connection, destination: str, list_name: str, messages: Iterable[tuple[str, datetime]]
) -> None:
    """The first message of each stay that it was sent during."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "update push.list_stay set sent_at = least(sent_at, %(sent_at)s)"
            " where destination = %(destination)s and list_name = %(list_name)s and address = %(address)s"
            # Odoo's moments are whole seconds.
            " and %(sent_at)s >= date_trunc('second', pushed_at) and %(sent_at)s <= coalesce(removed_at, 'infinity')",
            [
                {"destination": destination, "list_name": list_name, "address": address, "sent_at": sent_at}
                for address, sent_at in messages
            ],
        )


def suppress(connection: psycopg.Connection, plan_id: int, reasons: Mapping[str, str]) -> None:
    """What was decided for these no longer holds: who is not there stays out, who is there leaves."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "update push.operation set reason = %(reason)s,"
            " state = case when action = 'add' then 'suppressed' else state end,"
            " action = case when action = 'keep' then 'remove' else action end"
            " where plan_id = %(plan)s and address = %(address)s and state = 'planned' and action <> 'remove'",
            [{"reason": reason, "plan": plan_id, "address": each} for each, reason in reasons.items()],
        )


def counts(connection: psycopg.Connection, plan_id: int) -> dict[str, int]:
    """Operations by what became of them: 'add done', 'add suppressed: blacklisted' ..."""
    rows = connection.execute(
        "select action || ' ' || state || case when state = 'suppressed' then ': ' || reason else '' end, count(*)"
        " from push.operation where plan_id = %s group by 1 order by 1",
        (plan_id,),
    ).fetchall()
    return {what: int(count) for what, count in rows}


def remote_id(connection: psycopg.Connection, destination: str, list_name: str) -> int | None:
    """The destination's own id of a list of ours."""
    row = connection.execute(
        "select remote_id from push.destination_list where destination = %s and list_name = %s",
        (destination, list_name),
    ).fetchone()
    return int(row[0]) if row else None


def note_remote_id(connection: psycopg.Connection, destination: str, list_name: str, remote_id: int) -> None:
    connection.execute(
        "insert into push.destination_list (destination, list_name, remote_id) values (%s, %s, %s)"
        " on conflict (destination, list_name) do update set remote_id = excluded.remote_id,"
        " noted_at = clock_timestamp()",
        (destination, list_name, remote_id),
    )


def forget_plan(connection: psycopg.Connection, plan_id: int) -> None:
    connection.execute("delete from push.plan where plan_id = %s", (plan_id,))


def forget_plans(connection: psycopg.Connection, destination: str, kept: int) -> None:
    """Drop the operations of all but a list's newest plans: addresses are kept no longer than they are of use."""
    connection.execute(
        sql.SQL(
            "delete from push.operation where plan_id in ("
            "select plan_id from (select plan_id, row_number() over ("
            "partition by list_name order by plan_id desc) as age from push.plan where destination = %s) as ranked"
            " where age > %s)"
        ),
        (destination, kept),
    )

"""Guard: what a person must look at before a plan is applied."""

from dataclasses import dataclass

import psycopg

from creamery.push import ledger
from creamery.push.destinations import Destination
from creamery.push.ledger import Kind, Plan, State


@dataclass(frozen=True, slots=True)
class Limits:
    """An audience that changes by more than both is looked at."""

    members: int
    percent: float


def judge(connection: psycopg.Connection, destination: Destination, plan: Plan, limits: Limits) -> Plan:
    """The plan approved, or awaiting approval with its concerns. A plan that changes nothing needs nobody's."""
    concerns = [] if plan.changes_nothing else concerns_of(connection, destination, plan, limits)
    state = State.AWAITING_APPROVAL if concerns else State.APPROVED
    connection.execute(
        "update push.plan set concerns = %s, state = %s where plan_id = %s", (concerns, state, plan.plan_id)
    )
    return ledger.plan_of(connection, plan.plan_id)


def concerns_of(connection: psycopg.Connection, destination: Destination, plan: Plan, limits: Limits) -> list[str]:
    """Reasons not to go ahead without a person, in words for that person."""
    carried_out = _ever_carried_out(connection, plan)
    concerns = ["a roll-back", *_who_stays_out(connection, plan)] if plan.kind == Kind.ROLL_BACK else []
    if not carried_out and destination.first_plan_needs_approval:
        concerns.append("the first plan of this list")
    # Reminders come and go by the hour, a few at a time.
    if plan.target_count == 0 and plan.held_count > 0 and plan.kind != Kind.REMINDERS:
        concerns.append(f"nobody is left of {plan.held_count}")
    if carried_out and plan.held_count == 0 and _had_members(connection, plan):
        concerns.append("the destination has lost everybody of ours")
    if carried_out and (jump := _jump(plan, limits)):
        concerns.append(jump)
    # Carts are read from Odoo itself, minutes ago.
    return concerns + ([] if plan.kind == Kind.REMINDERS else _doubts_about_data(connection))


def _who_stays_out(connection: psycopg.Connection, plan: Plan) -> list[str]:
    """Of those whom a roll-back would bring back or leave there, in numbers."""
    rows = connection.execute(
        "select count(*) || ' left out: ' || reason from push.operation where plan_id = %s and reason is not null"
        " and (state = 'suppressed' or action = 'remove') group by reason order by reason",
        (plan.plan_id,),
    ).fetchall()
    return [what for (what,) in rows]


def _jump(plan: Plan, limits: Limits) -> str | None:
    change = plan.target_count - plan.held_count
    if abs(change) <= limits.members or abs(change) * 100 <= limits.percent * plan.held_count:
        return None
    how = "grows" if change > 0 else "shrinks"
    return (
        f"{how} from {plan.held_count} to {plan.target_count}, by more than {limits.members} and {limits.percent:g} %"
    )


def _ever_carried_out(connection: psycopg.Connection, plan: Plan) -> bool:
    return _exists(
        connection,
        "select from push.plan where destination = %(destination)s and list_name = %(list_name)s"
        " and plan_id < %(plan)s and state in ('applied', 'verified')",
        plan,
    )


def _had_members(connection: psycopg.Connection, plan: Plan) -> bool:
    """After the newest plan that was carried out, and not only such as have unsubscribed since."""
    return _exists(
        connection,
        "select from ("
        "select plan_id, keep_count + add_count as target_count from push.plan"
        " where destination = %(destination)s and list_name = %(list_name)s and plan_id < %(plan)s"
        " and state in ('applied', 'verified') order by plan_id desc limit 1"
        ") as last_plan where target_count > 0 and ("
        "not exists (select from push.operation where operation.plan_id = last_plan.plan_id)"
        " or exists (select from push.operation where operation.plan_id = last_plan.plan_id"
        " and operation.action in ('add', 'keep') and operation.state = 'done' and not exists ("
        "select from push.hand_removal as removal where removal.destination = %(destination)s"
        " and removal.list_name = %(list_name)s and removal.address = operation.address"
        " and removal.is_unsubscribed)))",
        plan,
    )


def _exists(connection: psycopg.Connection, query: str, plan: Plan) -> bool:
    parameters = {"destination": plan.destination, "list_name": plan.list_name, "plan": plan.plan_id}
    return connection.execute(f"select exists ({query})".encode(), parameters).fetchone() == (True,)


def _doubts_about_data(connection: psycopg.Connection) -> list[str]:
    """Stale or failed: what the newest extraction did not bring, and days that were extracted but not published."""
    rows = connection.execute(
        "select 'table ' || table_name || ' is stale: ' || coalesce(problem, 'stopped') from ops.source_table"
        " where state = 'stopped'"
        " union all select 'the newest extraction, of ' || as_of_date || ', failed' from ("
        "select as_of_date, state from ops.extraction order by extraction_id desc limit 1"
        ") as newest where state = 'failed'"
        " union all select 'the day ' || max(extraction.as_of_date) || ' was extracted, but ' || publication.as_of_date"
        " || ' is the newest published' from ops.extraction cross join ops.publication"
        " where extraction.state = 'complete' group by publication.as_of_date"
        " having max(extraction.as_of_date) > publication.as_of_date"
        " order by 1"
    ).fetchall()
    return [doubt for (doubt,) in rows]

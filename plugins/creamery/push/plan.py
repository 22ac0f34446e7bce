"""Plan: the difference between what a destination has of ours on a list and what it should have, stored as rows."""

from collections.abc import Sequence
from datetime import date

import psycopg

from creamery import publication
from creamery.errors import PushError
from creamery.push import ledger
from creamery.push.apply import recover
from creamery.push.destinations import Destination
from creamery.push.ledger import Action, Kind, Plan
from creamery.push.todays_audience import TodaysAudience

# Members of the audience, or of a roll-back, and what the destination says of them. Who unsubscribed there counts as
# gone: Odoo keeps the row, and removing it would forget the wish.
_OPERATIONS = """
    insert into push.operation (
        operation_key, plan_id, action, address, customer_sk, partner_id, member_name, payload, state, reason
    )
    select
        encode(sha256(convert_to(%(plan_id)s || ' ' || address, 'utf8')), 'hex'),
        %(plan_id)s,
        case
            when wanted.address is null then 'remove'
            when held.address is null or held.is_opted_out then 'add'
            else 'keep'
        end,
        address,
        wanted.customer_sk,
        wanted.partner_id,
        wanted.member_name,
        coalesce(wanted.payload, '{}'),
        case
            when held.is_opted_out then 'suppressed'
            when wanted.address is not null and not held.is_ours then 'done'
            else 'planned'
        end,
        case
            when held.is_opted_out then 'unsubscribed from the list'
            when wanted.address is not null and not held.is_ours then %(by_hand)s
        end
    from pg_temp.wanted
    full join pg_temp.held using (address)
    where wanted.address is not null or (held.is_ours and not held.is_opted_out)
"""
_COUNTS = """
    update push.plan set
        held_count = (select count(*) from pg_temp.held where is_ours and not is_opted_out),
        add_count = counted.adds,
        remove_count = counted.removes,
        keep_count = counted.keeps
    from (
        select
            count(*) filter (where action = 'add' and state = 'planned') as adds,
            count(*) filter (where action = 'remove') as removes,
            count(*) filter (where action = 'keep') as keeps
        from push.operation where plan_id = %(plan_id)s
    ) as counted
    where plan_id = %(plan_id)s
"""


def list_names(connection: psycopg.Connection, destination: str, channel: str) -> list[str]:
    """Lists of the channel, and those of which the destination still has something: a campaign that is gone empties."""
    rows = connection.execute(
        "select list_name from audiences.list_definition where coalesce(channel, %(channel)s) = %(channel)s"
        " union select list_name from push.list_stay where destination = %(destination)s and removed_at is null"
        " order by 1",
        {"channel": channel, "destination": destination},
    ).fetchall()
    return [name for (name,) in rows]


def names_with_stays(connection: psycopg.Connection, destination: str) -> list[str]:
    """Lists of which the destination still has something of ours."""
    rows = connection.execute(
        "select distinct list_name from push.list_stay where destination = %s and removed_at is null order by 1",
        (destination,),
    ).fetchall()
    return [name for (name,) in rows]


def make_plan(
    connection: psycopg.Connection,
    destination: Destination,
    list_name: str,
    as_of_date: date,
    *,
    kind: Kind = Kind.AUDIENCE,
    is_emptied: bool = False,
) -> Plan:
    """The plan that brings a list to the audience of `as_of_date`, to the reminders of carts that are out by now, or to
    nobody where it `is_emptied`; nothing is written outside the warehouse.

    What an earlier run left unknown is read back first. PushError for any day but the newest published.
    """
    require_newest_day(connection, as_of_date)
    settle_earlier(connection, destination, list_name)
    wanted = _REMINDERS if kind is Kind.REMINDERS else _AUDIENCE
    return _store(connection, destination, list_name, as_of_date, kind, wanted, {"is_emptied": is_emptied})


def make_roll_back(connection: psycopg.Connection, destination: Destination, plan_id: int) -> Plan:
    """The plan that gives a list back what it had of ours before plan `plan_id`, its newest, but for whom the newest
    published day suppresses."""
    undone = ledger.plan_of(connection, plan_id)
    settle_earlier(connection, destination, undone.list_name)
    newest = ledger.newest_plan(connection, undone.destination, undone.list_name)
    if newest is None or newest.plan_id != plan_id:
        raise PushError(
            f"Plan {plan_id} is not the newest of {undone.list_name}. Roll back plan {newest and newest.plan_id} first."
        )
    known = connection.execute("select exists (select from push.operation where plan_id = %s)", (plan_id,)).fetchone()
    if known != (True,) and undone.held_count:
        raise PushError(f"The members of plan {plan_id} are no longer kept: it is too old to be rolled back.")
    given = {"undone": plan_id, "by_hand": ledger.BY_HAND}
    return _store(connection, destination, undone.list_name, undone.as_of_date, Kind.ROLL_BACK, _WHAT_WAS_HELD, given)


def require_newest_day(connection: psycopg.Connection, as_of_date: date) -> None:
    newest = publication.newest_day(connection)
    if as_of_date != newest:
        raise PushError(
            f"Only the newest published day ({newest}) is pushed, not {as_of_date}: nobody is written to about a past "
            "day. Nothing to do."
        )


def settle_earlier(connection: psycopg.Connection, destination: Destination, list_name: str) -> None:
    """Read back what the list's newest plan left unknown."""
    if earlier := ledger.newest_plan(connection, destination.name, list_name):
        recover(connection, destination, earlier)


_AUDIENCE = """
    select distinct on (address)
        address, customer_sk, partner_id, customer_name as member_name,
        coalesce(merge_data, '{}') || jsonb_strip_nulls(jsonb_build_object('offer_code', offer_code)) as payload
    from audiences.list_member
    where as_of_date = %(as_of_date)s and list_name = %(list_name)s and not %(is_emptied)s
    order by address, customer_sk
"""
_REMINDERS = """
    select address, customer_sk, partner_id, customer_name as member_name, '{}'::jsonb as payload
    from carts.reminder
    where list_name = %(list_name)s
"""
# Of somebody to remove, the destination told the address alone; who that is says the operation that added them.
_WHAT_WAS_HELD = """
    select operation.address, known.customer_sk, known.partner_id, known.member_name, known.payload
    from push.operation as operation
    left join lateral (
        select earlier.customer_sk, earlier.partner_id, earlier.member_name, earlier.payload
        from push.operation as earlier
        inner join push.plan as plan on earlier.plan_id = plan.plan_id
        where
            earlier.address = operation.address and earlier.partner_id is not null
            and plan.destination = %(destination)s and plan.list_name = %(list_name)s
        order by earlier.plan_id desc
        limit 1
    ) as known on true
    where operation.plan_id = %(undone)s and operation.reason is distinct from %(by_hand)s
    and operation.action in ('keep', 'remove')
"""


def _store(
    connection: psycopg.Connection,
    destination: Destination,
    list_name: str,
    as_of_date: date,
    kind: Kind,
    wanted: str,
    given: dict[str, object],
) -> Plan:
    held = [(each.address, each.is_ours, each.is_opted_out) for each in destination.held(list_name)]
    with connection.transaction():
        place = {"destination": destination.name, "list_name": list_name, "as_of_date": as_of_date}
        _stage(connection, held, wanted, place | given)
        _notice_hand_removals(connection, place)
        ledger.supersede(connection, destination.name, list_name)
        row = connection.execute(
            "insert into push.plan (destination, list_name, as_of_date, generation, kind)"
            " select %(destination)s, %(list_name)s, %(as_of_date)s, day.generation, %(kind)s"
            " from ops.publication inner join ops.published_day as day on publication.as_of_date = day.as_of_date"
            " returning plan_id",
            place | {"kind": kind},
        ).fetchone()
        if row is None:
            raise PushError("Nothing is published in this warehouse yet. Run extract_odoo first.")
        parameters = {"plan_id": row[0], "by_hand": ledger.BY_HAND}
        connection.execute(_OPERATIONS.encode(), parameters)
        if kind is Kind.ROLL_BACK:
            _suppress(connection, row[0], list_name)
        connection.execute(_COUNTS.encode(), parameters)
    return ledger.plan_of(connection, row[0])


def _suppress(connection: psycopg.Connection, plan_id: int, list_name: str) -> None:
    if planned := ledger.members(connection, plan_id, [Action.ADD, Action.KEEP], "planned"):
        ledger.suppress(connection, plan_id, TodaysAudience(connection).reasons(list_name, planned))


def _stage(
    connection: psycopg.Connection, held: Sequence[tuple[str, bool, bool]], wanted: str, given: dict[str, object]
) -> None:
    connection.execute("drop table if exists pg_temp.held, pg_temp.wanted")
    connection.execute("create temporary table held (address text, is_ours boolean, is_opted_out boolean)")
    with connection.cursor() as cursor, cursor.copy("copy pg_temp.held from stdin") as rows:
        for row in held:
            rows.write_row(row)
    connection.execute(f"create temporary table wanted as {wanted}".encode(), given)


def _notice_hand_removals(connection: psycopg.Connection, place: dict[str, object]) -> None:
    """A member of ours that is no longer there was taken out by a person, and stays out until it leaves the audience.
    Unless all are gone at once: then the list itself was, and the guard asks."""
    connection.execute(
        "delete from push.hand_removal as removal where destination = %(destination)s and list_name = %(list_name)s"
        " and (exists (select from pg_temp.held where held.address = removal.address and not held.is_opted_out)"
        " or not (is_unsubscribed or exists (select from pg_temp.wanted where wanted.address = removal.address)))",
        place,
    )
    connection.execute(
        "insert into push.hand_removal (destination, list_name, address, is_unsubscribed)"
        " select %(destination)s, %(list_name)s, held.address, true from pg_temp.held where held.is_opted_out"
        " on conflict (destination, list_name, address) do update set is_unsubscribed = true",
        place,
    )
    connection.execute(
        "with gone as ("
        "update push.list_stay as stay set removed_at = clock_timestamp()"
        " where destination = %(destination)s and list_name = %(list_name)s and removed_at is null"
        " and not exists (select from pg_temp.held where held.address = stay.address and not held.is_opted_out)"
        " returning address"
        ") insert into push.hand_removal (destination, list_name, address, is_unsubscribed)"
        " select %(destination)s, %(list_name)s, gone.address, false from gone"
        " inner join pg_temp.wanted using (address)"
        " where exists (select from pg_temp.held)"
        " and not exists (select from pg_temp.held where held.address = gone.address)"
        " on conflict do nothing",
        place,
    )
    connection.execute(
        "delete from pg_temp.wanted using push.hand_removal as removal"
        " where removal.destination = %(destination)s and removal.list_name = %(list_name)s"
        " and removal.address = wanted.address"
        # Who is still there, unsubscribed, is counted as such.
        " and not exists (select from pg_temp.held where held.address = wanted.address)",
        place,
    )

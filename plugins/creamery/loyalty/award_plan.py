"""Plan of a night's awards: what audiences.loyalty_award asks for and was not given before.

Stored before anything is written. What the shop's own engine gave in the meantime is found when the account is written.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import psycopg
from psycopg import IsolationLevel

from creamery import publication
from creamery.errors import InputError
from creamery.loyalty import guard
from creamery.loyalty.awards import TIER, Account, Award
from creamery.loyalty.keeper import SourceKind
from creamery.loyalty.ledger import State
from creamery.loyalty.plan import points_outstanding

# In the order in which an account gets them.
_AWARDS = """
select
    award.award_key, award.program_id, award.card_id, award.award_type, award.source_id, award.occurred_date,
    award.points, award.entry_limit, award.allow_downgrade,
    row_number() over (partition by award.card_id order by award.occurred_date, award.award_key)
from audiences.loyalty_award as award
where award.as_of_date = %s and award.award_mode = 'active'
order by award.card_id, 10
"""

_DUE = """
create temporary table award_due on commit drop as
select
    award.award_key, award.program_id, award.card_id, award.award_type, award.source_id, award.occurred_date,
    award.points, planned.entry_limit, planned.allow_downgrade, planned.position
from push.loyalty_award as award cross join push.loyalty_plan_award as planned
with no data
"""

_STORE = """
insert into push.loyalty_award (
    award_key, program_id, card_id, award_type, source_id, occurred_date, points
)
select
    due.award_key, due.program_id, due.card_id, due.award_type, due.source_id, due.occurred_date, due.points
from award_due as due
on conflict (award_key) do update
set state = 'planned', points = excluded.points, planned_at = now(), message = null
where loyalty_award.state not in ('sending', 'done')
"""

_STORE_PLAN = """
insert into push.loyalty_plan_award (plan_id, award_key, card_id, position, entry_limit, allow_downgrade)
select %s, due.award_key, due.card_id, due.position, due.entry_limit, due.allow_downgrade
from award_due as due
join push.loyalty_award as award on due.award_key = award.award_key
where award.state = 'planned'
"""


@dataclass(frozen=True, slots=True)
class DrawnAwards:
    """What the warehouse says about a day's awards, read from one snapshot of it."""

    as_of_date: date
    known_at: datetime
    awards: tuple[tuple[Any, ...], ...]
    points_outstanding: Decimal


@dataclass(frozen=True, slots=True)
class PlannedAwards:
    """A stored plan in numbers: all that leaves the warehouse to ask a person."""

    plan_id: int
    as_of_date: date
    award_count: int
    tier_count: int
    account_count: int
    points: Decimal
    points_outstanding: Decimal
    concerns: tuple[str, ...]


def draw(connection: psycopg.Connection, day: date) -> DrawnAwards:
    """Read the day as transformer. InputError for any day but the newest: since a past one the shop awarded itself."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        newest = publication.newest_day(connection)
        if newest != day:
            raise InputError(
                f"Awards of {day} are not pushed: the newest published day is {newest}. "
                "What was due before and was not given is in its plan."
            )
        awards = connection.execute(_AWARDS, (day,)).fetchall()
        (known_at,) = connection.execute("select ops.known_at(%s)", (day,)).fetchone() or (None,)
        assert known_at is not None  # a day was published, so there was an extraction
        outstanding = points_outstanding(connection, SourceKind.ADDON, [award[1] for award in awards], known_at)
    return DrawnAwards(day, known_at, tuple(awards), outstanding)


def store(connection: psycopg.Connection, drawn: DrawnAwards, limits: guard.AwardLimits) -> PlannedAwards:
    """Store the plan as pusher: what was given before, or is on its way, is not in it."""
    connection.execute(
        "update push.loyalty_plan set state = 'superseded'"
        " where purpose = 'awards' and state in ('planned', 'awaiting approval', 'approved')"
    )
    (is_first,) = connection.execute(
        "select not exists (select from push.loyalty_award where state = 'done')"
    ).fetchone() or (True,)
    (plan_id,) = connection.execute(
        "insert into push.loyalty_plan (purpose, as_of_date, source_kind, known_at, points_outstanding)"
        " values ('awards', %s, 'addon', %s, %s) returning plan_id",
        (drawn.as_of_date, drawn.known_at, drawn.points_outstanding),
    ).fetchone() or (0,)
    award_count, tier_count, account_count, points = _keep_what_is_due(connection, plan_id, drawn)
    amounts = guard.AwardAmounts(award_count, tier_count, points, drawn.points_outstanding, is_first)
    concerns = guard.award_concerns(amounts, limits) if award_count or tier_count else ()
    connection.execute(
        "update push.loyalty_plan set lot_count = %s, card_count = %s, points = %s, concerns = %s, state = %s"
        " where plan_id = %s",
        (
            *(award_count + tier_count, account_count, points, list(concerns)),
            State.AWAITING if concerns else State.APPROVED,
            plan_id,
        ),
    )
    connection.commit()
    return PlannedAwards(
        *(plan_id, drawn.as_of_date, award_count, tier_count, account_count, points),
        drawn.points_outstanding,
        concerns,
    )


def _keep_what_is_due(
    connection: psycopg.Connection, plan_id: int, drawn: DrawnAwards
) -> tuple[int, int, int, Decimal]:
    connection.execute(_DUE)
    with connection.cursor() as cursor, cursor.copy("copy award_due from stdin") as copy:
        for award in drawn.awards:
            copy.write_row(award)
    connection.execute(_STORE)
    connection.execute(_STORE_PLAN, (plan_id,))
    row = connection.execute(
        "select count(*) filter (where award.award_type <> %(tier)s),"
        " count(*) filter (where award.award_type = %(tier)s),"
        " count(distinct planned.card_id), coalesce(sum(award.points), 0)"
        " from push.loyalty_plan_award as planned"
        " join push.loyalty_award as award on planned.award_key = award.award_key"
        " where planned.plan_id = %(plan)s",
        {"tier": TIER, "plan": plan_id},
    ).fetchone()
    assert row is not None  # an aggregate has one row
    return row


def accounts(connection: psycopg.Connection, plan_id: int) -> list[Account]:
    """The plan's accounts to which something is still to be given."""
    rows = connection.execute(
        "select award.card_id, award.program_id, planned.allow_downgrade, award.award_key, award.award_type,"
        " award.source_id, award.occurred_date, award.points::integer, planned.entry_limit"
        " from push.loyalty_plan_award as planned"
        " join push.loyalty_award as award on planned.award_key = award.award_key"
        " where planned.plan_id = %s and award.state = 'planned' order by award.card_id, planned.position",
        (plan_id,),
    ).fetchall()
    grouped = groupby(rows, key=lambda row: row[:3])
    return [
        Account(card_id, program_id, allow_downgrade, tuple(Award(*row[3:]) for row in awards))
        for (card_id, program_id, allow_downgrade), awards in grouped
    ]

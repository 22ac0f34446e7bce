"""Where the add-on's points are awarded in tests: the accounts of a world, in a program with tiers.

Each of the 40 accounts has 300 points, ever earned and still there, and the tier bronze. What is due to them is said by
hand, as the warehouse's models would say it.
"""

import psycopg

from creamery import warehouse
from creamery.loyalty import apply, award_plan, guard, ledger
from creamery.loyalty.addon_awards import AddonAwards
from creamery.loyalty.award_plan import PlannedAwards
from creamery.loyalty.ledger import AWARDS, State
from creamery.loyalty.session import Session
from creamery.warehouse import Role
from tests.loyalty import worlds
from tests.loyalty.worlds import AS_OF, World

PROGRAM = 5
LIMITS = guard.AwardLimits(awards=1000, tiers=1000, points=1_000_000, share_percent=100)
ACCOUNT = "points_balance, points_lifetime, current_tier, next_tier_points"
EARN = (
    "insert into operational.loyalty_transaction (loyalty_id, customer_id, transaction_type, points, balance_after,"
    " source_type, source_id) select {account}, customer_id, 'earn', 7, points_balance, {source}"
    " from operational.customer_loyalty where id = {account}"
)

_CLUB = """
update operational.loyalty_program set points_expiry_months = 12, tiers = '[
    {"code": "gold", "min_points": 1000}, {"code": "bronze"}, {"code": "Silver", "min_points": 400},
    {"code": "typing error", "min_points": "350"}
]' where id = 5;
"""
_DUE = """
set role creamery_transformer;
create table audiences.loyalty_award (
    as_of_date date, award_key text, program_id integer, card_id integer, customer_sk bigint, award_type text,
    source_id integer, occurred_date date, points numeric, entry_limit integer, allow_downgrade boolean, award_mode text
);
reset role;
"""


def prepare(world: World) -> World:
    worlds.run(world.odoo, _CLUB)
    worlds.run(world.warehouse, _DUE)
    return world


def reset(world: World) -> None:
    """What awards change, as it was after the extraction."""
    worlds.run(
        world.odoo,
        "truncate creamery.points_awarded",
        "delete from operational.loyalty_transaction where source_type is not null or transaction_type <> 'earn'",
        "update operational.customer_loyalty set points_balance = 300, points_lifetime = 300, current_tier = 'bronze',"
        " tier_qualified_at = null, next_tier_points = null",
        "update operational.loyalty_program set is_active = true",
    )
    worlds.run(
        world.warehouse,
        "truncate audiences.loyalty_award",
        "truncate push.loyalty_award",
        "truncate push.loyalty_plan cascade",
    )


def due(
    world: World,
    account: int,
    award_type: str,
    points: int = 0,
    source_id: int | None = None,
    limit: int | None = None,
    *,
    allow_downgrade: bool = False,
    mode: str = "active",
) -> str:
    """The night says that the account is to be given this; its key."""
    key = f"Awarded addon-{account}/{award_type}-{source_id or limit or AS_OF}"
    with psycopg.connect(world.warehouse) as connection:
        connection.execute(
            "insert into audiences.loyalty_award values (%s, %s, %s, %s, null, %s, %s, %s, %s, %s, %s, %s)",
            (AS_OF, key, PROGRAM, account, award_type, source_id, AS_OF, points, limit, allow_downgrade, mode),
        )
    return key


def make_plan(world: World, limits: guard.AwardLimits = LIMITS) -> PlannedAwards:
    with warehouse.connect(world.pipeline, Role.TRANSFORMER) as connection:
        drawn = award_plan.draw(connection, AS_OF)
    with warehouse.connect(world.pipeline, Role.PUSHER) as connection:
        return award_plan.store(connection, drawn, limits)


def write(world: World, plan_id: int) -> apply.Applied:
    """What the tasks do with an approved plan, from the beginning."""
    session = Session(world.writer)
    keeper = AddonAwards(session)
    try:
        with warehouse.connect(world.pipeline, Role.PUSHER) as connection, ledger.only_pusher(connection, of=AWARDS):
            apply.settle(connection, keeper, AWARDS)
            ledger.decide(connection, [plan_id], State.APPROVED, "Mina")
            stored = ledger.read_plan(connection, plan_id)
            applied = apply.write_awards(connection, keeper, stored)
            apply.verify(connection, keeper, stored, AWARDS)
    finally:
        session.close()
    return applied


def award(world: World) -> apply.Applied:
    return write(world, make_plan(world).plan_id)


def account_of(world: World, account: int) -> tuple[int, int, str, int]:
    """Balance, points ever earned, tier, points to the next."""
    (found,) = worlds.rows(world.odoo, f"select {ACCOUNT} from operational.customer_loyalty where id = %s", account)
    return found


def given(world: World, account: int) -> list[tuple[str, int, int, int | None, str]]:
    """What the account earned since the extraction: type, points, balance, source and key."""
    return worlds.rows(
        world.odoo,
        "select source_type, points, balance_after, source_id, source_description"
        " from operational.loyalty_transaction where loyalty_id = %s and source_type is not null order by id",
        account,
    )


def states(world: World) -> dict[str, tuple[str, str | None]]:
    found = worlds.rows(world.warehouse, "select award_key, state, message from push.loyalty_award")
    return {key: (state, message) for key, state, message in found}

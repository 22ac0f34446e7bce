"""Awards in the add-on's tables: once each, with the account's totals and its tier."""

import pytest

from creamery.errors import InputError, PushError
from creamery.loyalty import award_push
from creamery.loyalty.awards import Tier, read_tiers, standing
from tests.loyalty import clubs, worlds
from tests.loyalty.worlds import ACCOUNTS, AS_OF, World

ONE, OTHER = ACCOUNTS[0], ACCOUNTS[1]


def test_an_award_is_an_entry_that_carries_its_key(club: World) -> None:
    signup, order = clubs.due(club, ONE, "signup", 50, limit=1), clubs.due(club, ONE, "order", 30, source_id=12)
    for _ in range(2):
        clubs.award(club)
        assert clubs.given(club, ONE) == [("order", 30, 330, 12, order), ("signup", 50, 380, None, signup)]
        assert clubs.account_of(club, ONE) == (380, 380, "bronze", 20)
    assert clubs.states(club) == {signup: ("done", None), order: ("done", None)}
    assert worlds.rows(
        club.odoo,
        "select distinct expires_at = created_at + interval '12 months' from operational.loyalty_transaction"
        " where source_type is not null",
    ) == [(True,)]


def test_points_of_a_program_without_an_end_never_expire(club: World) -> None:
    worlds.run(club.odoo, "update operational.loyalty_program set points_expiry_months = null where id = 5")
    clubs.due(club, ONE, "order", 30, source_id=12)
    try:
        clubs.award(club)
    finally:
        worlds.run(club.odoo, "update operational.loyalty_program set points_expiry_months = 12 where id = 5")
    assert worlds.rows(
        club.odoo, "select expires_at from operational.loyalty_transaction where source_type = 'order'"
    ) == [(None,)]


@pytest.mark.parametrize(
    ("award_type", "source_id", "limit", "by_the_shop"),
    [
        ("order", 12, None, "'Order', 12"),
        ("signup", None, 1, "'signup', null"),
        ("review", 31, 1, "'review', 31"),
        ("review", 31, 1, "'review', null"),
        ("referral", None, 1, "'referral', 900"),
    ],
)
def test_what_the_shop_gave_in_the_meantime_is_not_given_again(
    club: World, award_type: str, source_id: int | None, limit: int | None, by_the_shop: str
) -> None:
    key = clubs.due(club, ONE, award_type, 50, source_id, limit)
    planned = clubs.make_plan(club)
    worlds.run(club.odoo, clubs.EARN.format(account=ONE, source=by_the_shop))
    applied = clubs.write(club, planned.plan_id)
    assert (applied.done, applied.rejected) == (0, 1)
    assert len(clubs.given(club, ONE)) == 1
    assert clubs.account_of(club, ONE)[:2] == (300, 300)
    assert clubs.states(club)[key] == ("rejected", "it was given in the meantime")


@pytest.mark.parametrize(
    ("award_type", "source_id", "limit", "by_the_shop"),
    [
        ("order", 12, None, "'order', 13"),
        ("order", 12, None, "'refund', 12"),
        ("order", 12, None, "null, 12"),
        ("review", 31, 2, "'review', 30"),
        ("referral", None, 2, "'referral', 900"),
        ("signup", None, 1, "'promotion', null"),
    ],
)
def test_another_entry_is_not_taken_for_the_award(
    club: World, award_type: str, source_id: int | None, limit: int | None, by_the_shop: str
) -> None:
    clubs.due(club, ONE, award_type, 50, source_id, limit)
    worlds.run(club.odoo, clubs.EARN.format(account=ONE, source=by_the_shop))
    assert clubs.award(club).done == 1
    worlds.run(club.odoo, "delete from operational.loyalty_transaction where points = 7")


def test_an_order_that_earned_on_another_account_of_the_customer_is_left_alone(club: World) -> None:
    clubs.due(club, ONE, "order", 50, source_id=12)
    worlds.run(club.odoo, clubs.EARN.format(account=OTHER, source="'order', 12"))
    worlds.run(
        club.odoo,
        "update operational.loyalty_transaction as entry set customer_id = account.customer_id"
        f" from operational.customer_loyalty as account where account.id = {ONE} and entry.source_id = 12",
    )
    assert clubs.award(club).rejected == 1


def test_an_award_that_the_limit_still_allows_is_given_beside_one_that_it_does_not(club: World) -> None:
    first = clubs.due(club, ONE, "referral", 50, limit=2)
    worlds.run(club.warehouse, "update audiences.loyalty_award set award_key = award_key || '-first'")
    second = clubs.due(club, ONE, "referral", 50, limit=2)
    planned = clubs.make_plan(club)
    worlds.run(club.odoo, clubs.EARN.format(account=ONE, source="'referral', 900"))
    assert clubs.write(club, planned.plan_id).done == 1
    assert {key: state for key, (state, _) in clubs.states(club).items()} == {
        second: "done",
        f"{first}-first": "rejected",
    }


def test_points_lift_the_tier(club: World) -> None:
    clubs.due(club, ONE, "order", 100, source_id=12)
    clubs.award(club)
    assert clubs.account_of(club, ONE) == (400, 400, "Silver", 600)
    assert worlds.value(club.odoo, f"select tier_qualified_at from operational.customer_loyalty where id = {ONE}")


def test_a_tier_that_lags_behind_the_points_is_given_alone(club: World) -> None:
    worlds.run(club.odoo, f"update operational.customer_loyalty set points_lifetime = 2000 where id = {ONE}")
    key = clubs.due(club, ONE, "tier")
    for _ in range(2):
        clubs.award(club)
        assert clubs.account_of(club, ONE) == (300, 2000, "gold", 0)
    assert clubs.states(club) == {key: ("done", None)}
    assert clubs.given(club, ONE) == []
    assert worlds.rows(club.odoo, "select award_key, points, tier from creamery.points_awarded") == [(key, 0, "gold")]


@pytest.mark.parametrize(
    ("current", "allowed", "after"),
    [
        ("'gold'", False, "gold"),
        ("'gold'", True, "bronze"),
        ("'family'", True, "family"),
        ("'BRONZE'", True, "BRONZE"),
        ("null", False, "bronze"),
    ],
)
def test_a_tier_is_not_taken_away_unless_the_shop_says_so(club: World, current: str, allowed: bool, after: str) -> None:
    worlds.run(club.odoo, f"update operational.customer_loyalty set current_tier = {current} where id = {ONE}")
    clubs.due(club, ONE, "order", 50, source_id=12, allow_downgrade=allowed)
    clubs.award(club)
    assert clubs.account_of(club, ONE)[1:3] == (350, after)


def test_a_program_that_ended_gives_nothing(club: World) -> None:
    key = clubs.due(club, ONE, "order", 50, source_id=12)
    planned = clubs.make_plan(club)
    worlds.run(club.odoo, "update operational.loyalty_program set is_active = false where id = 5")
    clubs.write(club, planned.plan_id)
    assert clubs.states(club)[key] == ("rejected", "the program is not active any more")
    assert clubs.account_of(club, ONE)[0] == 300


def test_what_was_rejected_one_night_is_given_the_next(club: World) -> None:
    clubs.due(club, ONE, "order", 50, source_id=12)
    planned = clubs.make_plan(club)
    worlds.run(club.odoo, "update operational.loyalty_program set is_active = false where id = 5")
    clubs.write(club, planned.plan_id)
    worlds.run(club.odoo, "update operational.loyalty_program set is_active = true where id = 5")
    assert clubs.award(club).points == 50


def test_an_entry_that_somebody_deleted_is_missed(club: World) -> None:
    key = clubs.due(club, ONE, "order", 50, source_id=12)
    planned = clubs.make_plan(club)
    clubs.write(club, planned.plan_id)
    worlds.run(club.odoo, "delete from operational.loyalty_transaction where source_id = 12")
    with pytest.raises(PushError, match=rf"Of 1 awards.*{key}.*creamery\.points_awarded"):
        clubs.write(club, planned.plan_id)


def test_a_superseded_plan_is_not_written(club: World) -> None:
    clubs.due(club, ONE, "order", 50, source_id=12)
    planned = clubs.make_plan(club)
    clubs.make_plan(club)
    with pytest.raises(PushError, match="of awards is superseded"):
        clubs.write(club, planned.plan_id)


def test_a_plan_gives_way_when_its_day_has_nothing_due_any_more(club: World) -> None:
    clubs.due(club, ONE, "order", 50, source_id=12)
    planned = clubs.make_plan(club)
    worlds.run(club.warehouse, "delete from audiences.loyalty_award")
    assert award_push.count_due(club.pipeline, AS_OF) == (1, 0)
    assert clubs.make_plan(club).account_count == 0
    with pytest.raises(PushError, match="of awards is superseded"):
        clubs.write(club, planned.plan_id)
    assert award_push.count_due(club.pipeline, AS_OF) == (0, 0)


def test_plans_of_expiries_and_of_awards_leave_each_other_alone(club: World) -> None:
    clubs.due(club, ONE, "order", 50, source_id=12)
    planned = clubs.make_plan(club)
    worlds.make_plan(club)
    assert worlds.value(club.warehouse, "select state from push.loyalty_plan where plan_id = %s", planned.plan_id) == (
        "awaiting approval"
    )


def test_a_past_day_is_refused(club: World) -> None:
    worlds.run(club.warehouse, "update ops.publication set as_of_date = as_of_date + 1")
    try:
        with pytest.raises(InputError, match=f"Awards of {AS_OF} are not pushed"):
            clubs.make_plan(club)
    finally:
        worlds.run(club.warehouse, "update ops.publication set as_of_date = as_of_date - 1")


@pytest.mark.parametrize("given", [None, {}, "[]", [], [1, {"code": None}, {"code": "a", "min_points": True}]])
def test_tiers_that_are_none_change_nothing(given: object) -> None:
    assert read_tiers(given) == ()
    assert standing((), "bronze", 10, allow_downgrade=True).tier_code == "bronze"


def test_broken_points_to_the_next_tier_are_rounded_up() -> None:
    assert standing((Tier("a", 0), Tier("b", 10.2)), None, 10, allow_downgrade=False).points_to_next == 1

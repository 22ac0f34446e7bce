"""Expiry in the add-on's tables: the account's totals, and a transaction that names its lot."""

from decimal import Decimal
from typing import Any

from creamery.loyalty.keeper import SourceKind
from tests.loyalty import worlds
from tests.loyalty.worlds import ACCOUNTS, World

USE = (
    "update operational.customer_loyalty set points_balance = points_balance - {points},"
    " points_redeemed = points_redeemed + {points} where id = {account};"
    " insert into operational.loyalty_transaction (loyalty_id, customer_id, transaction_type, points, balance_after)"
    " select id, customer_id, 'redeem', -{points}, points_balance from operational.customer_loyalty"
    " where id = {account}"
)


def due(world: World, account: int, *points: int | Decimal) -> list[str]:
    return worlds.due(world, account, *points, kind="addon", program=5)


def account_of(world: World, account: int) -> tuple[Any, ...]:
    (found,) = worlds.rows(
        world.odoo,
        "select points_balance, points_expired, points_redeemed from operational.customer_loyalty where id = %s",
        account,
    )
    return found


def entries(world: World, account: int) -> list[tuple[Any, ...]]:
    return worlds.rows(
        world.odoo,
        "select transaction_type, points, balance_after, source_type, source_id, source_description"
        " from operational.loyalty_transaction where loyalty_id = %s and transaction_type <> 'earn' order by id",
        account,
    )


def test_an_expiry_is_a_transaction_that_names_its_lot(world: World) -> None:
    account = ACCOUNTS[0]
    first, second = due(world, account, 100, 40)
    for _ in range(2):
        worlds.expire(world, SourceKind.ADDON)
        assert account_of(world, account) == (160, 140, 0)
        assert entries(world, account) == [
            ("expire", -100, 200, "loyalty_transaction", 1, first),
            ("expire", -40, 160, "loyalty_transaction", 2, second),
        ]
    assert worlds.states(world, [first, second]) == {first: ("done", 100), second: ("done", 40)}


def test_a_day_that_is_built_again_expires_nothing_twice(world: World) -> None:
    account = ACCOUNTS[3]
    due(world, account, 100)
    assert worlds.expire(world, SourceKind.ADDON).points == 100
    worlds.due(world, account, 100, kind="addon", program=5, times=2)
    for _ in range(2):
        assert worlds.expire(world, SourceKind.ADDON).points == 0
        assert account_of(world, account) == (200, 100, 0)


def test_what_was_used_since_the_extraction_does_not_expire(world: World) -> None:
    account, other = ACCOUNTS[1], ACCOUNTS[2]
    (key,), _ = due(world, account, 100), due(world, other, 100)
    planned = worlds.make_plan(world, SourceKind.ADDON)
    worlds.run(world.odoo, USE.format(account=account, points=70))
    assert worlds.write(world, planned.plan_id, SourceKind.ADDON).points == 130
    assert account_of(world, account) == (200, 30, 70)
    assert worlds.states(world, [key]) == {key: ("done", 30)}


def test_what_the_add_on_expired_itself_does_not_expire_again(world: World) -> None:
    account = ACCOUNTS[3]
    (key,) = due(world, account, 100)
    planned = worlds.make_plan(world, SourceKind.ADDON)
    worlds.run(world.odoo, USE.format(account=account, points=100).replace("'redeem'", "'expire'"))
    assert worlds.write(world, planned.plan_id, SourceKind.ADDON).rejected == 1
    assert account_of(world, account)[0] == 200
    assert worlds.states(world, [key])[key][0] == "rejected"


def test_a_fraction_of_a_point_stays(world: World) -> None:
    account = ACCOUNTS[4]
    (key,) = due(world, account, Decimal("10.7"))
    worlds.expire(world, SourceKind.ADDON)
    assert account_of(world, account)[:2] == (290, 10)
    assert worlds.states(world, [key]) == {key: ("done", 10)}


def test_cards_of_odoo_and_accounts_of_the_add_on_are_planned_apart(world: World) -> None:
    account, card = ACCOUNTS[5], worlds.CARDS[0]
    due(world, account, 50)
    worlds.due(world, card, 50)
    assert worlds.expire(world, SourceKind.ADDON).done == 1
    assert worlds.balance(world, card) == 200
    assert worlds.expire(world).done == 1
    assert (worlds.balance(world, card), account_of(world, account)[0]) == (150, 250)

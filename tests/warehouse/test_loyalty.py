"""Points of a real Odoo and of the demonstration shop, against the source."""

from decimal import Decimal

import psycopg

from tests.shops import Built

CARDS = """
select card.id, round(card.points::numeric, 4)
from loyalty_card as card inner join loyalty_program as program on card.program_id = program.id
where program.program_type = 'loyalty'
"""
LEDGER = """
select card_id, sum(points) from star.fact_loyalty_ledger
where generation_to is null and source_kind = 'odoo' group by card_id
"""
LOTS = """
select balance.points_balance, balance.points_in_lots, coalesce(sum(lot.points_left), 0)
from marts.fact_loyalty_balance as balance
left join marts.loyalty_lot as lot
    on balance.as_of_date = lot.as_of_date and balance.loyalty_card_sk = lot.loyalty_card_sk
    and lot.generation_to is null
where balance.generation_to is null
group by balance.loyalty_card_sk, balance.points_balance, balance.points_in_lots
"""


def rows(uri: str, query: str) -> list[tuple[Decimal, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.encode()).fetchall()


def assert_reconciles(built: Built) -> int:
    """Every card's entries are its balance in Odoo, and its lots what that leaves; number of cards."""
    cards = dict(rows(built.source, CARDS))
    ledger = dict(rows(built.warehouse_admin, LEDGER))
    assert {card: points for card, points in cards.items() if points} == {c: p for c, p in ledger.items() if p}
    lots = rows(built.warehouse_admin, LOTS)
    assert all(max(balance, Decimal(0)) == in_lots == left for balance, in_lots, left in lots)
    return len(cards)


def test_each_card_of_a_real_odoo_reconciles(real_odoo: Built) -> None:
    """Its 941 loyalty cards; the 60 gift cards and the coupons have no part in it, and nothing is unexplained."""
    assert assert_reconciles(real_odoo) == 941
    known = rows(
        real_odoo.warehouse_admin,
        "select count(*), count(*) filter (where reason in ('opening', 'mismatch')) from star.fact_loyalty_card as card"
        " left join star.fact_loyalty_ledger as ledger using (loyalty_card_sk) where card.generation_to is null",
    )
    assert known[0][1] == 0
    assert rows(
        real_odoo.warehouse_admin, "select count(*) from star.fact_loyalty_card where generation_to is null"
    ) == [(941,)]


def test_a_first_night_expires_nothing(real_odoo: Built, built: Built) -> None:
    """Not where no program is named, nor where one is: nobody was warned yet."""
    for night in (real_odoo, built):
        states = dict(
            rows(
                night.warehouse_admin,
                "select lot_state, count(*) from marts.loyalty_lot where generation_to is null group by 1",
            )
        )
        assert set(states) <= {"open", "used up"}  # type: ignore[comparison-overlap]
        assert states["open"] > 100  # type: ignore[index]
    assert rows(built.warehouse_admin, "select count(*) from audiences.loyalty_expiry") == [(0,)]


def test_the_demo_shop_reconciles_and_warns(built: Built) -> None:
    assert assert_reconciles(built) > 50
    ((warned, least),) = rows(
        built.warehouse_admin,
        "select count(*), min(expiry_date - as_of_date) from audiences.loyalty_warning where days_before = 30",
    )
    assert warned > 5
    assert least >= 30


def test_points_outside_the_history_show_as_such(built: Built) -> None:
    """In the balances and in the view alike, whatever there is."""
    ((ledger, balances),) = rows(
        built.warehouse_admin,
        "select (select coalesce(sum(points), 0) from star.fact_loyalty_ledger where generation_to is null"
        " and reason in ('opening', 'mismatch') and entry_date <= '2026-11-19'),"
        " (select sum(points_unexplained) from marts.fact_loyalty_balance where generation_to is null)",
    )
    shown = rows(
        built.warehouse_admin,
        "select coalesce(sum(points), 0) from reporting.vw_loyalty_checks where finding in ('opening', 'mismatch')",
    )
    assert ledger == balances == shown[0][0]

"""Expiry in Odoo's own tables over SQL: amounts, what is left alone, and what happens in between."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest

from creamery import warehouse
from creamery.errors import InputError, PushError
from creamery.loyalty import apply, ledger, plan, push
from creamery.loyalty.amounts import Card, Log, Lot
from creamery.loyalty.keeper import SourceKind
from creamery.warehouse import Role
from tests.loyalty import worlds
from tests.loyalty.worlds import AS_OF, CARDS, World

USE = (
    "update loyalty_card set points = points - {points} where id = {card};"
    " insert into loyalty_history (card_id, description, issued, used) values ({card}, 'Order', 0, {points})"
)
EARN = (
    "update loyalty_card set points = points + {points} where id = {card};"
    " insert into loyalty_history (card_id, description, issued, used) values ({card}, 'Order', {points}, 0)"
)


def history(world: World, card: int) -> list[tuple[str, float]]:
    found = worlds.rows(
        world.odoo, "select description, used from loyalty_history where card_id = %s and used > 0 order by id", card
    )
    return [(description, used) for description, used in found]


def test_lots_expire_each_as_its_own_entry_and_once(world: World) -> None:
    card, other, *_ = CARDS
    before, of_other = worlds.balance(world, card), worlds.balance(world, other)
    first, second = worlds.due(world, card, 30, 20)
    applied = worlds.expire(world)
    assert (applied.done, applied.rejected, applied.points) == (2, 0, 50)
    assert worlds.balance(world, card) == before - 50
    assert worlds.balance(world, other) == of_other
    assert history(world, card)[-2:] == [(first, 30), (second, 20)]
    assert worlds.states(world, [first, second]) == {first: ("done", 30), second: ("done", 20)}

    again = worlds.make_plan(world)
    assert again.lot_count == 0
    worlds.write(world, again.plan_id)
    assert worlds.balance(world, card) == before - 50
    assert len(history(world, card)) == len(set(history(world, card)))


@pytest.mark.parametrize("state", ["done", "compensated"])
def test_a_lot_waits_for_an_extraction_before_it_expires_under_another_name(world: World, state: str) -> None:
    card = CARDS[0]
    worlds.due(world, card, 30, 20)
    worlds.expire(world)
    worlds.run(world.warehouse, f"update push.loyalty_expiry set state = '{state}'")
    balance = worlds.balance(world, card)
    (again,) = worlds.due(world, card, 30, times=2)
    assert worlds.make_plan(world).lot_count == 0
    assert worlds.expire(world).points == 0
    assert worlds.balance(world, card) == balance
    assert worlds.states(world, [again]) == {}

    # What came back into the lot, once the day's data know the first time.
    worlds.run(
        world.warehouse,
        "update push.loyalty_expiry set pushed_at = plan.known_at - interval '1 minute' from push.loyalty_plan as plan",
    )
    assert worlds.make_plan(world).lot_count == 1
    assert worlds.expire(world).points == 30
    assert worlds.balance(world, card) == balance - 30


def test_what_was_used_since_the_extraction_does_not_expire(world: World) -> None:
    used, used_up, active, other = CARDS[:4]
    before = {card: worlds.balance(world, card) for card in (used, used_up, active, other)}
    keys = {card: worlds.due(world, card, 30, 20) for card in before}
    planned = worlds.make_plan(world)
    worlds.run(world.odoo, USE.format(card=used, points=35))
    worlds.run(world.odoo, USE.format(card=used_up, points=50))
    worlds.run(world.odoo, EARN.format(card=active, points=40), USE.format(card=active, points=40))
    applied = worlds.write(world, planned.plan_id)
    assert (applied.done, applied.points) == (4, 15 + 10 + 50)
    assert worlds.balance(world, used) == before[used] - 50
    assert worlds.balance(world, used_up) == before[used_up] - 50
    assert worlds.balance(world, active) == before[active] - 10
    assert worlds.balance(world, other) == before[other] - 50
    assert worlds.states(world, keys[used]) == {keys[used][0]: ("rejected", 30), keys[used][1]: ("done", 15)}


def test_a_card_whose_past_changed_waits_and_does_not_stop_the_others(own_world: World) -> None:
    changed, gone, moved, busy, other = CARDS[:5]
    keys = {card: worlds.due(own_world, card, 30)[0] for card in (changed, gone, moved, busy, other)}
    planned = worlds.make_plan(own_world)
    worlds.run(
        own_world.odoo,
        f"update loyalty_history set issued = issued - 1 where id = (select min(id) from loyalty_history"
        f" where card_id = {changed} and issued > 1)",
        f"delete from loyalty_card where id = {gone}",
        f"update loyalty_card set program_id = 3 where id = {moved}",
    )
    limited = worlds.keeper(psycopg.conninfo.make_conninfo(own_world.writer, options="-c lock_timeout=50ms"))
    with psycopg.connect(own_world.odoo) as customer:
        customer.execute("select from loyalty_card where id = %s for update", (busy,))
        applied = worlds.write(own_world, planned.plan_id, over=limited)
    assert (applied.done, applied.rejected) == (1, 4)
    reasons = dict(worlds.rows(own_world.warehouse, "select expiry_key, message from push.loyalty_expiry"))
    assert "changed or deleted" in reasons[keys[changed]]
    assert reasons[keys[gone]] == "the card is gone"
    assert "another program" in reasons[keys[moved]]
    assert "lock timeout" in reasons[keys[busy]]
    assert worlds.states(own_world, [keys[other]]) == {keys[other]: ("done", 30)}

    # Tomorrow's plan has it again; here nothing else happened to the card.
    assert worlds.expire(own_world).done == 1
    assert worlds.states(own_world, [keys[busy]]) == {keys[busy]: ("done", 30)}


def test_gift_cards_never_expire(own_world: World) -> None:
    (gift,) = worlds.rows(
        own_world.odoo, "select id, points from loyalty_card where program_id = 3 and points > 10 limit 1"
    )
    worlds.due(own_world, gift[0], 10, program=3)
    applied = worlds.expire(own_world)
    assert (applied.done, applied.rejected) == (0, 1)
    assert worlds.rows(own_world.odoo, "select points from loyalty_card where id = %s", gift[0]) == [(gift[1],)]


def test_a_night_that_was_skipped_is_caught_up_with_the_lots_own_dates(world: World) -> None:
    card = CARDS[0]
    keys = worlds.due(world, card, 10, 10, 10)
    worlds.expire(world)
    dates = worlds.rows(world.warehouse, "select expiry_date, state from push.loyalty_expiry order by expiry_key")
    assert len(set(dates)) == len(keys)
    assert {state for _, state in dates} == {"done"}


def test_the_log_adds_up_afterwards(world: World) -> None:
    logged = (
        "select card.id from loyalty_card as card join loyalty_history as history on card.id = history.card_id"
        " where card.id > 9000 group by card.id, card.points"
        " having abs(sum(history.issued - history.used) - card.points) < 0.001 order by card.id limit 20"
    )
    cards = [card for (card,) in worlds.rows(world.odoo, logged)]
    for card in cards:
        worlds.due(world, card, 40)
    worlds.expire(world)
    drifting = worlds.rows(
        world.odoo,
        "select card.id from loyalty_card as card join loyalty_history as history on card.id = history.card_id"
        " where card.id = any(%s) group by card.id, card.points"
        " having abs(sum(history.issued - history.used) - card.points) > 0.001",
        cards,
    )
    assert cards
    assert drifting == []


def test_our_next_extraction_sees_the_expiry(world: World) -> None:
    """It follows write_date."""
    card = CARDS[0]
    worlds.due(world, card, 30)
    before = worlds.value(world.odoo, "select write_date from loyalty_card where id = %s", card)
    worlds.expire(world)
    assert worlds.value(world.odoo, "select write_date from loyalty_card where id = %s", card) > before


def test_without_a_log_only_an_untouched_card_expires(world17: World) -> None:
    touched, untouched = CARDS[:2]
    before = {card: worlds.balance(world17, card) for card in (touched, untouched)}
    keys = [worlds.due(world17, card, 30)[0] for card in (touched, untouched)]
    planned = worlds.make_plan(world17)
    worlds.run(world17.odoo, f"update loyalty_card set points = points + 5 where id = {touched}")
    applied = worlds.write(world17, planned.plan_id)
    assert (applied.done, applied.rejected) == (1, 1)
    assert worlds.balance(world17, touched) == before[touched] + 5
    assert worlds.balance(world17, untouched) == before[untouched] - 30
    assert worlds.states(world17, keys)[keys[1]] == ("done", 30)

    # What we took ourselves since the extraction is no reason to wait.
    late = worlds.due(world17, untouched, 0, 7, times=2)[1]
    assert worlds.expire(world17).done == 1
    assert worlds.balance(world17, untouched) == before[untouched] - 37
    assert worlds.states(world17, [late]) == {late: ("done", 7)}


@pytest.mark.slow
def test_in_a_real_odoo_19_loyalty_cards_alone_change(odoo19: str, new_database: Callable[..., str]) -> None:
    odoo = new_database("odoo19", template=odoo19)
    writer = worlds.let_writer_in(odoo)
    cards = worlds.rows(
        odoo,
        "select card.id, card.program_id, card.points::numeric, count(*), max(history.id),"
        " sum(history.issued)::numeric, sum(history.used)::numeric, program.program_type"
        " from loyalty_card as card join loyalty_program as program on card.program_id = program.id"
        " join loyalty_history as history on card.id = history.card_id"
        " where card.points > 5 group by 1, 2, 3, program.program_type",
    )
    types = {row[0]: row[7] for row in cards}
    others = "select id, points from loyalty_card where id <> all(%s) order by id"
    loyalty = [card for card, kind in types.items() if kind == "loyalty"]
    before = worlds.rows(odoo, others, loyalty)
    used = worlds.keeper(writer)
    assert used.why_only_reporting() is None
    for card_id, program_id, balance, count, last_id, issued, spent, _ in cards[:60]:
        lot = Lot(f"Expired points odoo-h{last_id}/1", f"odoo-h{last_id}", AS_OF, Decimal(5))
        card = Card(card_id, program_id, balance, Log(count, last_id, issued, spent), (lot,))
        answer = used.expire(card, dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
        assert isinstance(answer, dict) == (types[card_id] == "loyalty")
        if isinstance(answer, dict):
            assert answer[lot.expiry_key].points == 5
            assert worlds.value(odoo, "select points::numeric from loyalty_card where id = %s", card_id) == balance - 5
    assert worlds.rows(odoo, others, loyalty) == before
    worlds.drop_writer(odoo)


@pytest.mark.parametrize(
    "upgrade",
    [
        "alter table loyalty_program add expire_after integer",
        "alter table loyalty_history add expiration_date date",
        "alter table loyalty_history add available_issued_points float8",
    ],
)
def test_an_odoo_that_expires_points_itself_is_left_alone(own_world: World, upgrade: str) -> None:
    used = worlds.keeper(own_world.writer)
    assert used.why_only_reporting() is None
    worlds.run(own_world.odoo, upgrade)
    assert "expires points itself" in str(used.why_only_reporting())


def test_only_the_newest_day_is_planned(world: World) -> None:
    with (
        warehouse.connect(world.pipeline, Role.TRANSFORMER) as connection,
        pytest.raises(InputError, match="newest published day is 2026-11-19"),
    ):
        plan.draw(connection, AS_OF.replace(day=18), SourceKind.ODOO)


def test_another_odoo_is_refused(world: World) -> None:
    used = worlds.keeper(world.writer)
    apply.require_same_system(used, worlds.value(world.warehouse, "select source_uuid from ops.warehouse"))
    with pytest.raises(PushError, match=r"database\.uuid another"):
        apply.require_same_system(used, "another")


def test_a_newer_plan_supersedes_what_was_not_written(world: World) -> None:
    card = CARDS[0]
    before = worlds.balance(world, card)
    worlds.due(world, card, 30)
    older, newer = worlds.make_plan(world), worlds.make_plan(world)
    with pytest.raises(PushError, match=f"Plan {older.plan_id} of expiries is superseded"):
        worlds.write(world, older.plan_id)
    worlds.write(world, newer.plan_id)
    assert worlds.balance(world, card) == before - 30


def test_a_plan_gives_way_when_its_day_has_nothing_due_any_more(world: World) -> None:
    worlds.due(world, CARDS[0], 30)
    planned = worlds.make_plan(world)
    worlds.run(world.warehouse, "delete from audiences.loyalty_expiry")
    assert push.kinds_due(world.pipeline, AS_OF) == [SourceKind.ODOO]
    assert worlds.make_plan(world).lot_count == 0
    with pytest.raises(PushError, match=f"Plan {planned.plan_id} of expiries is superseded"):
        worlds.write(world, planned.plan_id)
    assert push.kinds_due(world.pipeline, AS_OF) == []


def test_two_runs_at_once_are_one_too_many(world: World) -> None:
    with (
        warehouse.connect(world.pipeline, Role.PUSHER) as one,
        warehouse.connect(world.pipeline, Role.PUSHER) as other,
        ledger.only_pusher(one),
        pytest.raises(PushError, match="Another run"),
        ledger.only_pusher(other, wait_seconds=1),
    ):
        pass


def test_an_expiry_that_somebody_took_back_is_noticed(world: World) -> None:
    card = CARDS[0]
    (key,) = worlds.due(world, card, 30)
    planned = worlds.make_plan(world)
    worlds.write(world, planned.plan_id)
    worlds.run(world.odoo, "delete from creamery.points_expired", "delete from loyalty_history where used > 0")
    with warehouse.connect(world.pipeline, Role.PUSHER) as connection:
        stored = ledger.read_plan(connection, planned.plan_id)
        with pytest.raises(PushError, match=key):
            apply.verify(connection, worlds.keeper(world.writer), stored)

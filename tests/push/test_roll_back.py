"""A roll-back gives a list back what it had, but for whom the warehouse suppresses by now."""

import datetime as dt

import pytest

from creamery.errors import PushError
from creamery.push import ledger
from creamery.push.ledger import State
from creamery.push.plan import make_roll_back
from creamery.push.verify import verify_plan
from tests.push.bench import DAY, LIST, Bench, number_of
from tests.push.fake_odoo import FakeOdoo


def people(count: int, first: int = 0) -> list[str]:
    return [f"c{number:03}@example.com" for number in range(first, first + count)]


def test_a_roll_back_is_applied_whatever_was_built_again(bench: Bench) -> None:
    bench.audience(people(3))
    bench.push()
    bench.audience(people(2))
    bench.push()
    plan = bench.roll_back()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    bench.build_again()
    assert bench.apply(plan) == {"add done": 1, "keep done": 2}


def test_roll_back_restores_what_the_list_had_of_ours(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(4))
    bench.push()
    odoo.store.subscribe("hand@example.com", bench.list_id())
    bench.audience(people(4, first=2))
    bench.push()
    undone = ledger.newest_plan(bench.connection, bench.destination.name, LIST)
    assert undone
    plan = make_roll_back(bench.connection, bench.destination, undone.plan_id)
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    assert bench.apply(plan) == {"add done": 2, "keep done": 2, "remove done": 2}
    verify_plan(bench.connection, bench.destination, plan.plan_id)
    assert bench.on_list() == sorted([*people(4), "hand@example.com"])
    assert bench.open_stays() == people(4)
    with pytest.raises(PushError, match="is not the newest"):
        make_roll_back(bench.connection, bench.destination, undone.plan_id)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update audiences.contactability set reason = 'bounces' where customer_sk = %(customer)s", "bounces"),
        ("update audiences.contactability set marketing_reason = 'no consent' where customer_sk = %(customer)s",
         "no consent"),
        ("update audiences.contactability set refused_lists = '{Win back}' where customer_sk = %(customer)s",
         "opted out of the list"),
        ("update audiences.contactability set refused_categories = '{marketing}' where customer_sk = %(customer)s",
         "opted out of the category"),
        ("update audiences.contactability set address = 'new@example.com' where customer_sk = %(customer)s",
         "the contact has another address by now"),
        ("delete from audiences.contactability where customer_sk = %(customer)s", "unknown to the warehouse"),
        ("insert into audiences.list_outcome values (%(day)s, 'win_back', %(customer)s, 'control group')",
         "control group"),
        ("insert into audiences.list_outcome values (%(day)s, 'segment_vip', %(customer)s, 'global control group')",
         "global control group"),
    ],
)  # fmt: skip
def test_roll_back_leaves_out_whom_the_warehouse_suppresses_by_now(bench: Bench, change: str, reason: str) -> None:
    bench.audience(people(3))
    bench.push()
    bench.audience(people(2, first=2))
    bench.push()
    bench.admin.execute(change.encode(), {"customer": number_of(people(1)[0]), "day": DAY})
    bench.admin.commit()
    plan = bench.roll_back()
    assert (plan.add_count, plan.keep_count, plan.remove_count) == (1, 1, 1)
    assert plan.concerns == ["a roll-back", f"1 left out: {reason}"]
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    assert bench.apply(plan) == {"add done": 1, f"add suppressed: {reason}": 1, "keep done": 1, "remove done": 1}
    verify_plan(bench.connection, bench.destination, plan.plan_id)
    assert bench.on_list() == bench.open_stays() == people(2, first=1)


def test_who_is_still_there_and_suppressed_by_now_leaves(bench: Bench) -> None:
    bench.audience(people(3))
    bench.push()
    bench.audience(people(2))
    bench.push()
    bench.admin.execute(
        "update audiences.contactability set reason = 'bounces' where customer_sk = %s", (number_of(people(1)[0]),)
    )
    bench.admin.commit()
    plan = bench.roll_back()
    assert (plan.add_count, plan.keep_count, plan.remove_count) == (1, 1, 1)
    assert plan.concerns == ["a roll-back", "1 left out: bounces"]
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    assert bench.apply(plan) == {"add done": 1, "keep done": 1, "remove done": 1}
    assert bench.on_list() == bench.open_stays() == people(2, first=1)


def test_roll_back_of_a_service_list_asks_for_no_consent_and_knows_no_control_group(bench: Bench) -> None:
    bench.admin.execute("update audiences.list_definition set is_service = true")
    bench.audience(people(2))
    bench.push()
    bench.audience(people(1))
    bench.push()
    bench.admin.execute("update audiences.contactability set marketing_reason = 'no consent'")
    bench.admin.execute(
        "insert into audiences.list_outcome select %s, 'win_back', customer_sk, 'control group'"
        " from audiences.contactability",
        (DAY,),
    )
    bench.admin.commit()
    plan = bench.roll_back()
    assert (plan.add_count, plan.concerns) == (1, ["a roll-back"])


def test_control_groups_of_other_lists_and_days_leave_nobody_out(bench: Bench) -> None:
    bench.audience(people(2))
    bench.push()
    bench.audience(people(1))
    bench.push()
    for day, name in ((DAY, "other"), (DAY - dt.timedelta(1), LIST)):
        bench.admin.execute(
            "insert into audiences.list_outcome select %s, %s, customer_sk, 'control group'"
            " from audiences.contactability",
            (day, name),
        )
    bench.admin.execute(
        "insert into audiences.list_outcome select %s, %s, customer_sk, 'contact cap reached'"
        " from audiences.contactability",
        (DAY, LIST),
    )
    bench.admin.commit()
    plan = bench.roll_back()
    assert (plan.add_count, plan.concerns) == (1, ["a roll-back"])

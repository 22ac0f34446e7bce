"""Plan, guard, apply, verify and roll back, against a fake Odoo and a real PostgreSQL."""

import datetime as dt

import pytest

from creamery.errors import AccessRefusedError, PushError
from creamery.push import ledger
from creamery.push.ledger import State
from creamery.push.plan import make_plan
from creamery.push.verify import verify_plan
from tests.push.bench import DAY, LIST, Bench
from tests.push.fake_odoo import API_UID, FakeOdoo, Fault


def people(count: int, first: int = 0) -> list[str]:
    return [f"c{number:03}@example.com" for number in range(first, first + count)]


def test_a_list_follows_its_audience(bench: Bench) -> None:
    bench.audience(people(9))
    assert bench.push() == {"add done": 9}
    assert bench.on_list() == bench.open_stays() == people(9)
    bench.audience(people(9, first=3))
    assert bench.push() == {"add done": 3, "keep done": 6, "remove done": 3}
    assert bench.on_list() == bench.open_stays() == people(9, first=3)


def test_pushing_the_same_again_writes_nothing(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(5))
    bench.push()
    written = len(odoo.writes())
    assert bench.push() == {"keep done": 5}
    assert len(odoo.writes()) == written


def test_a_plan_writes_nothing_and_is_there_to_read(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(5))
    plan = bench.plan()
    assert (plan.held_count, plan.add_count, plan.remove_count, plan.target_count) == (0, 5, 0, 5)
    assert [member.address for member in ledger.members(bench.connection, plan.plan_id, ["add"], "planned")] == people(
        5
    )
    assert odoo.writes() == []


def test_the_first_plan_needs_a_person_and_the_next_small_one_does_not(bench: Bench) -> None:
    bench.audience(people(5))
    first = bench.plan()
    assert (first.state, first.concerns) == (State.AWAITING_APPROVAL, ["the first plan of this list"])
    with pytest.raises(PushError, match="awaiting approval"):
        bench.apply(first)
    bench.push()
    bench.audience(people(6))
    assert bench.plan().state == State.APPROVED


def test_tenfold_growth_and_collapse_stop(bench: Bench) -> None:
    bench.audience(people(8))
    bench.push()
    bench.audience(people(80))
    exploded = bench.plan()
    assert exploded.concerns == ["grows from 8 to 80, by more than 10 and 50 %"]
    bench.audience([])
    collapsed = bench.plan()
    assert collapsed.concerns == ["nobody is left of 8"]
    for plan in (exploded, collapsed):
        with pytest.raises(PushError, match="only an approved plan"):
            bench.apply(plan)
    assert bench.on_list() == people(8)


def test_large_lists_that_shrink_by_half_stop(bench: Bench) -> None:
    bench.audience(people(30))
    bench.push()
    bench.audience(people(14))
    assert bench.plan().concerns == ["shrinks from 30 to 14, by more than 10 and 50 %"]
    bench.audience(people(15))
    assert bench.plan().state == State.APPROVED


def test_stale_and_failed_data_stop(bench: Bench) -> None:
    bench.audience(people(3))
    bench.push()
    bench.audience(people(4))
    bench.admin.execute(
        "insert into ops.source_table (table_name, source_name, state, problem, source_bytes, probed_extraction_id)"
        " values ('mail_blacklist', 'mail_blacklist', 'stopped', 'permission denied', 0, 1)"
    )
    bench.admin.execute(
        "insert into ops.extraction (as_of_date, source_snapshot_at, state)"
        " values ('2026-11-20', '2026-11-20', 'complete'), ('2026-11-21', '2026-11-21', 'failed')"
    )
    bench.admin.commit()
    assert bench.plan().concerns == [
        "table mail_blacklist is stale: permission denied",
        "the day 2026-11-20 was extracted, but 2026-11-19 is the newest published",
        "the newest extraction, of 2026-11-21, failed",
    ]


def test_only_the_newest_published_day_is_pushed(bench: Bench) -> None:
    for day in (DAY - dt.timedelta(1), DAY + dt.timedelta(1)):
        with pytest.raises(PushError, match="Only the newest published day"):
            make_plan(bench.connection, bench.destination, LIST, day)


def test_a_plan_of_yesterday_is_not_applied_today(bench: Bench) -> None:
    bench.audience(people(3))
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    bench.admin.execute("update ops.publication set as_of_date = as_of_date + 1")
    bench.admin.commit()
    with pytest.raises(PushError, match="a newer day is published"):
        bench.apply(plan)


def test_a_plan_of_a_day_that_was_built_again_is_superseded(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(3))
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    bench.build_again()
    with pytest.raises(PushError, match="has been built and published again since"):
        bench.apply(plan)
    assert ledger.plan_of(bench.connection, plan.plan_id).state == State.SUPERSEDED
    assert odoo.writes() == []
    assert bench.push() == {"add done": 3}


def test_a_past_day_that_is_built_again_leaves_plans_alone(bench: Bench) -> None:
    bench.audience(people(3))
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    bench.build_again(DAY - dt.timedelta(7))
    assert bench.apply(plan) == {"add done": 3}
    bench.audience(people(2))
    assert bench.push() == {"keep done": 2, "remove done": 1}


def test_a_plan_begun_before_its_day_was_built_again_is_made_good_by_the_next(bench: Bench, odoo: FakeOdoo) -> None:
    """The answer to its second batch is not known either."""
    bench.audience(people(9))
    creates = iter([Fault.NONE, Fault.LOST_RESPONSE])
    odoo.plan_fault = lambda model, method: next(creates, Fault.UNAUTHORIZED) if method == "create" else Fault.NONE
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    with pytest.raises(AccessRefusedError):
        bench.apply(plan)
    begun = bench.on_list()
    assert 0 < len(begun) < 9
    bench.build_again()
    bench.audience(people(9, first=3))
    with pytest.raises(PushError, match="is superseded"):
        bench.apply(plan)
    assert bench.on_list() == begun
    odoo.plan_fault = lambda model, method: Fault.NONE
    bench.push()
    assert bench.on_list() == bench.open_stays() == people(9, first=3)


def test_an_approval_is_a_ceiling(bench: Bench) -> None:
    bench.audience(people(3))
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    bench.admin.execute(
        "insert into push.operation (operation_key, plan_id, action, address)"
        " values ('smuggled', %s, 'add', 'one-more@example.com')",
        (plan.plan_id,),
    )
    bench.admin.commit()
    with pytest.raises(PushError, match="has grown since it was approved: 4 to add instead of 3"):
        bench.apply(plan)


def test_a_newer_plan_supersedes_an_approved_one(bench: Bench) -> None:
    bench.audience(people(3))
    older = bench.plan()
    ledger.set_state(bench.connection, older.plan_id, State.APPROVED, "a person")
    bench.plan()
    with pytest.raises(PushError, match="superseded"):
        bench.apply(older)


def test_who_is_suppressed_between_audience_and_push_is_absent_and_counted(bench: Bench, odoo: FakeOdoo) -> None:
    newsletter = odoo.store.as_user(2, "create", "mailing.list", [{"name": "Newsletter"}, {"name": "Offers"}])
    for address in ("late@example.com", "never@example.com"):
        for each in newsletter:
            odoo.store.subscribe(address, each)
    bench.audience(
        [*people(2), "late@example.com", "never@example.com", "black@example.com", "gone@example.com",
         "staff@example.com", "moved@example.com", "bounces@example.com"]
    )  # fmt: skip
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    odoo.store.opt_out("late@example.com", newsletter[0])
    for each in newsletter:
        odoo.store.opt_out("never@example.com", each)
    odoo.store.as_user(2, "create", "mail.blacklist", [{"email": "black@example.com"}])
    for address, change in {
        "gone@example.com": {"active": False},
        "staff@example.com": {"partner_share": False},
        "moved@example.com": {"email": "elsewhere@example.com"},
        "bounces@example.com": {"message_bounce": 5},
    }.items():
        odoo.store.as_user(2, "write", "res.partner", [bench.customer(address)], change)
    assert bench.apply(plan) == {
        "add done": 2,
        "add suppressed: archived in Odoo": 1,
        "add suppressed: blacklisted": 1,
        "add suppressed: bounces": 1,
        "add suppressed: internal user": 1,
        "add suppressed: opted out of every list": 1,
        "add suppressed: the contact has another address by now": 1,
        "add suppressed: unsubscribed since the audience was built": 1,
    }
    assert bench.on_list() == people(2)
    verify_plan(bench.connection, bench.destination, plan.plan_id)


def test_who_is_on_the_list_and_suppressed_by_now_leaves(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(3))
    bench.push()
    odoo.store.as_user(2, "create", "mail.blacklist", [{"email": people(1)[0]}])
    assert bench.push() == {"keep done": 2, "remove done": 1}
    assert bench.on_list() == bench.open_stays() == people(2, first=1)


def test_an_unsubscription_is_neither_removed_nor_undone(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(3))
    bench.push()
    gone = people(1)[0]
    odoo.store.opt_out(gone, bench.list_id())
    assert bench.push() == {"add suppressed: unsubscribed from the list": 1, "keep done": 2}
    bench.audience(people(2, first=1))  # he leaves the audience
    bench.push()
    bench.audience(people(3))  # and comes back
    bench.push()
    (kept,) = [row for row in odoo.store.subscriptions(bench.list_id()) if odoo.store.address(row) == gone]
    assert kept["opt_out"] is True
    assert bench.open_stays() == people(2, first=1)


def test_whom_people_added_by_hand_is_never_touched(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(2))
    bench.push()
    by_hand = "hand@example.com"
    bench.customer(by_hand)
    odoo.store.subscribe(by_hand, bench.list_id())
    bench.push()
    assert bench.on_list() == [*people(2), by_hand]
    bench.audience([*people(2), by_hand])  # now she belongs there anyway
    assert bench.push() == {"keep done": 3}
    bench.audience(people(2))
    bench.push()
    assert bench.on_list() == [*people(2), by_hand]
    assert bench.open_stays() == people(2)


def test_whom_people_took_out_stays_out_until_he_leaves_the_audience(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(3))
    bench.push()
    (row,) = [each for each in odoo.store.subscriptions(bench.list_id()) if odoo.store.address(each) == people(1)[0]]
    odoo.store.as_user(2, "unlink", odoo.store.subscription, [row["id"]])
    for _ in range(2):
        bench.push()
        assert bench.on_list() == bench.open_stays() == people(2, first=1)
    bench.audience(people(2, first=1))
    bench.push()
    bench.audience(people(3))
    bench.push()
    assert bench.on_list() == people(3)


def test_a_list_that_was_deleted_is_filled_again_when_a_person_says_so(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(3))
    bench.push()
    odoo.store.records["mailing.list"].pop(bench.list_id())
    odoo.store.records[odoo.store.subscription].clear()
    bench.destination._lists.clear()
    assert bench.plan().concerns == ["the destination has lost everybody of ours"]
    bench.push()
    assert bench.on_list() == bench.open_stays() == people(3)


def test_bad_members_end_alone_in_the_rejected_list(bench: Bench, odoo: FakeOdoo) -> None:
    odoo.store.refused = {"c002@example.com"}
    odoo.store.crashing = {"c006@example.com"}
    bench.audience(people(9))
    assert bench.push() == {"add done": 7, "add rejected": 2}
    assert bench.on_list() == sorted({*people(9)} - {"c002@example.com", "c006@example.com"})
    reasons = dict(
        bench.admin.execute("select address, reason from push.operation where state = 'rejected'").fetchall()
    )
    assert reasons["c002@example.com"] == "mailing.contact.load: <address> is not welcome"
    assert "answers 500" in reasons["c006@example.com"]


def test_an_odoo_that_refuses_everybody_is_left_alone(bench: Bench, odoo: FakeOdoo) -> None:
    odoo.store.refused = set(people(60))
    bench.audience(people(60))
    with pytest.raises(PushError, match="refuses everybody on win_back"):
        bench.push()
    assert len(odoo.writes()) < 150


@pytest.mark.parametrize("method", ["load", "create", "unlink"])
@pytest.mark.parametrize("fault", [Fault.LOST_RESPONSE, Fault.DROPPED, Fault.SERVER_ERROR])
def test_an_unknown_outcome_is_read_back(bench: Bench, odoo: FakeOdoo, method: str, fault: Fault) -> None:
    bench.audience(people(4))
    bench.push()
    planned = iter([fault])
    odoo.plan_fault = lambda model, called: next(planned, Fault.NONE) if called == method else Fault.NONE
    bench.audience(people(4, first=2))
    assert bench.push() == {"add done": 2, "keep done": 2, "remove done": 2}
    assert bench.on_list() == bench.open_stays() == people(4, first=2)
    assert next(planned, None) is None


def test_an_expired_key_stops_at_once_and_a_rerun_finishes(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(9))
    creates = iter([Fault.NONE, Fault.UNAUTHORIZED])
    odoo.plan_fault = lambda model, method: next(creates, Fault.NONE) if method == "create" else Fault.NONE
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    with pytest.raises(AccessRefusedError):
        bench.apply(plan)
    assert odoo.calls[-1][1] == "create"
    assert len(bench.open_stays()) == 4
    assert bench.apply(plan) == {"add done": 9}
    assert bench.on_list() == people(9)


def test_a_late_write_of_a_killed_run_is_ours_and_leaves(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(2))
    bench.push()
    odoo.store.subscribe("late@example.com", bench.list_id(), uid=API_UID)
    bench.push()
    assert bench.on_list() == people(2)


def test_a_difference_after_the_push_is_found(bench: Bench, odoo: FakeOdoo) -> None:
    bench.audience(people(3))
    plan = bench.plan()
    ledger.set_state(bench.connection, plan.plan_id, State.APPROVED, "a person")
    bench.apply(plan)
    odoo.store.subscribe("other@example.com", bench.list_id(), uid=API_UID)
    key = odoo.store.subscriptions(bench.list_id())[0]["id"]
    odoo.store.as_user(2, "unlink", odoo.store.subscription, [key])
    with pytest.raises(PushError, match="1 missing, 1 too many"):
        verify_plan(bench.connection, bench.destination, plan.plan_id)


def test_another_odoo_is_refused(bench: Bench, odoo: FakeOdoo) -> None:
    ledger.pin(bench.connection, bench.destination)
    parameter = odoo.store.find("ir.config_parameter", key="database.uuid")
    assert parameter
    parameter["value"] = "99999999-2222-3333-4444-555555555555"
    with pytest.raises(PushError, match="belongs to 11111111"):
        ledger.pin(bench.connection, bench.destination)
    bench.connection.execute("delete from push.destination")
    with pytest.raises(PushError, match="was extracted from the Odoo 11111111"):
        ledger.pin(bench.connection, bench.destination)


def test_two_runs_do_not_push_at_once(bench: Bench) -> None:
    name = bench.destination.name
    bench.admin.execute("select pg_advisory_lock(hashtextextended(%s, 0))", (f"push {name}",))
    with pytest.raises(PushError, match="Another run"), ledger.held_by_us(bench.connection, name):
        pass


def test_a_second_contact_with_the_same_address_makes_no_second_member(bench: Bench, odoo: FakeOdoo) -> None:
    address = people(1)[0]
    odoo.store.as_user(2, "create", "mailing.contact", [{"email": address}, {"email": address.upper()}])
    bench.audience(people(2))
    bench.push()
    assert bench.on_list() == people(2)
    assert len(odoo.store.records["mailing.contact"]) == 3


def test_other_lists_of_a_contact_keep_what_they_have(bench: Bench, odoo: FakeOdoo) -> None:
    (other, offers) = odoo.store.as_user(2, "create", "mailing.list", [{"name": "News"}, {"name": "Offers"}])
    before = [odoo.store.subscribe(people(1)[0], each) for each in (other, offers)]
    bench.audience(people(1))
    bench.push()
    assert all(key in odoo.store.records[odoo.store.subscription] for key in before)

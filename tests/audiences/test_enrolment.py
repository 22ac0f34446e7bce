"""Who is enrolled when, how it ends, and that running again changes nothing."""

import datetime as dt
import re
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creamery.audiences import enrolment, reach
from creamery.audiences.definition import load_campaigns
from creamery.errors import InputError
from tests.audiences.desk import CATALOGUE, CUSTOMERS, WIN_BACK, Desk, november


def test_silence_counts_from_its_boundary_and_only_once(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, 1, 2)
    desk.night(10)
    assert desk.enrolled("win") == []
    desk.night(11)
    assert desk.enrolled("win") == [(1, 11, "active", None), (2, 11, "active", None)]
    desk.night(12)
    assert [row[:2] for row in desk.enrolled("win")] == [(1, 11), (2, 11)]


def test_attempts_end_in_an_order_or_exhausted(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, 1, 2)
    desk.night(11)
    desk.push(12, "win_1", 1, 2, sent=12)
    desk.order(13, 1)
    desk.night(13)
    desk.push(14, "win_2", 2, sent=15)
    assert desk.enrolled("win") == [(1, 11, "won_back", 13), (2, 11, "active", None)]
    desk.night(14)
    assert desk.enrolled("win")[1] == (2, 11, "active", None)
    desk.night(15)
    assert desk.enrolled("win")[1] == (2, 11, "exhausted", 15)
    # This silence is known; another one is not.
    desk.night(16)
    assert len(desk.enrolled("win")) == 2


def test_cool_down_counts_from_the_last_message(desk: Desk) -> None:
    desk.define("win", **WIN_BACK, cool_down_days=12)
    desk.order(1, 1)
    desk.night(11)
    desk.push(12, "win_1", 1, sent=13)
    desk.order(14, 1)
    desk.night(24)
    assert desk.log("win", 24) == {1: ("rate_limited", "cool-down")}
    desk.night(25)
    assert [row[1] for row in desk.enrolled("win")] == [11, 25]


def test_no_more_than_the_maximum(desk: Desk) -> None:
    desk.define("ask", trigger={"on": "event", "event": "order"}, max_sends={"count": 1, "days": 10})
    desk.order(1, 1)
    desk.night(1)
    desk.push(2, "ask", 1, sent=2)
    desk.order(5, 1)
    desk.night(5)
    assert desk.log("ask", 5) == {1: ("rate_limited", "maximum of the campaign reached")}
    desk.night(11)
    assert desk.log("ask", 11) == {1: ("rate_limited", "maximum of the campaign reached")}
    desk.order(12, 1)
    desk.night(12)
    assert desk.log("ask", 12) == {1: ("success", None)}


def test_nights_that_were_left_out_lose_no_order_of_the_week_and_none_is_asked_about_twice(desk: Desk) -> None:
    desk.define("nps", type="nps", trigger={"on": "event", "event": "order", "after_days": 3}, expires_after_days=1)
    desk.order(1, 1)
    desk.order(2, 2)
    desk.night(4)
    assert [row[0] for row in desk.enrolled("nps")] == [1]
    desk.order(7, 3)
    desk.night(11)  # of the order on the 2nd the seven days have begun on the 5th and still run
    assert [row[0] for row in desk.enrolled("nps")] == [1, 2, 3]
    desk.order(9, 4)
    desk.night(19)  # asked for on the 12th: too late
    assert [row[0] for row in desk.enrolled("nps")] == [1, 2, 3]


def test_what_comes_back_every_year(desk: Desk) -> None:
    desk.define("birthday", trigger={"on": "anniversary", "of": "birthday"}, expires_after_days=1)
    desk.order(1, *CUSTOMERS)
    for customer, born in {1: "1990-11-12", 2: "2025-11-13", 3: "1990-11-05", 4: "1990-11-06", 5: "2026-11-12"}.items():
        desk.change_point(customer, birth_date=born)
    desk.night(12)
    # Today; not before tomorrow; more than a week ago; the last day that still counts; born today.
    assert [row[0] for row in desk.enrolled("birthday")] == [1, 4]
    desk.night(13)
    assert [row[0] for row in desk.enrolled("birthday")] == [1, 2, 4]


def test_milestones_and_schedules(desk: Desk) -> None:
    desk.define("tenth", trigger={"on": "milestone", "orders": [2, 3]}, expires_after_days=1)
    desk.define("monthly", trigger={"on": "schedule", "day_of_month": 10}, expires_after_days=1)
    desk.order(1, 1, 2)
    desk.order(9, 1, 2)
    desk.order(10, 1)
    desk.night(9)
    assert desk.log("tenth", 9) == {1: ("success", None), 2: ("success", None)}
    assert desk.log("monthly", 9) == {}
    desk.night(10)
    assert desk.log("tenth", 10) == {1: ("success", None)}
    assert desk.log("monthly", 10) == dict.fromkeys(CUSTOMERS, ("success", None))
    desk.night(12)
    assert desk.log("tenth", 12) == desk.log("monthly", 12) == {}


def test_who_may_not_be_written_to_is_skipped_with_the_reason(desk: Desk) -> None:
    desk.define("ask", trigger={"on": "event", "event": "order"}, category="surveys", exclusions=orders_at_least(2))
    desk.order(1, 2)
    desk.order(2, 1, 2, 3, 4, 5)
    desk.change_point(1, is_blacklisted=True)
    desk.change_point(3, has_live_subscription=None)
    desk.change_point(4, refused_categories=["surveys"])
    desk.night(2)
    assert desk.log("ask", 2) == {
        1: ("skipped", "blacklisted"),
        2: ("skipped", "excluded"),
        3: ("skipped", "no consent"),
        4: ("skipped", "opted out of the category"),
        5: ("success", None),
    }


def orders_at_least(count: int) -> dict[str, object]:
    return {"field": "order_day_count", "operator": "gte", "value": count}


def test_a_service_message_asks_for_no_consent_and_knows_no_control_group(desk: Desk) -> None:
    desk.define("points", trigger={"on": "event", "event": "order"}, is_service=True, control_percent=None)
    desk.order(2, 1, 2)
    desk.change_point(1, has_live_subscription=None)
    desk.change_point(2, is_blacklisted=True)
    desk.night(2, global_control_percent=50)
    assert desk.log("points", 2) == {1: ("success", None), 2: ("skipped", "blacklisted")}
    arms = desk.connection.execute("select distinct arm from campaigns.enrolment").fetchall()
    assert arms == [("treated",)]


def test_a_journey_skips_what_is_done_and_completes(desk: Desk) -> None:
    desk.define(
        "start",
        type="onboarding",
        trigger={"on": "event", "event": "first_order"},
        steps=[
            {"channel": "email", "delay_days": 1, "skip_if": orders_at_least(2)},
            {"channel": "email", "delay_days": 1},
        ],
        completes_if=orders_at_least(3),
    )
    desk.order(1, 1, 2)
    desk.night(1)
    desk.order(2, 1)
    desk.night(2)
    steps = "select customer_sk, step, skipped_date is not null from audiences.enrolment_step where step = 1 order by 1"
    assert desk.connection.execute(steps).fetchall() == [(1, 1, True), (2, 1, False)]
    desk.order(3, 1)
    desk.night(3)
    assert desk.enrolled("start") == [(1, 1, "completed", 3), (2, 1, "active", None)]


def test_a_journey_expires(desk: Desk) -> None:
    desk.define(
        "start",
        trigger={"on": "event", "event": "first_order"},
        steps=[{"channel": "email", "delay_days": 9}],
        expires_after_days=5,
    )
    desk.order(1, 1)
    desk.night(1)
    desk.night(5)
    assert desk.enrolled("start") == [(1, 1, "active", None)]
    desk.night(6)
    assert desk.enrolled("start") == [(1, 1, "expired", 6)]


def test_who_unsubscribes_leaves_and_who_bounces_waits(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, 1, 2)
    desk.night(11)
    desk.change_point(1, is_subscribed=False)
    desk.change_point(2, bounce_count=3)
    desk.night(12)
    assert desk.enrolled("win") == [(1, 11, "unsubscribed", 12), (2, 11, "active", None)]


def test_a_campaign_whose_file_is_gone_ends_and_may_come_back(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.define("other", trigger={"on": "event", "event": "order"})
    desk.order(1, 1)
    desk.night(11)
    (desk.folder / "win.yaml").unlink()
    desk.night(12)
    assert desk.enrolled("win") == [(1, 11, "cancelled", 12)]
    desk.define("win", **WIN_BACK)
    desk.night(12)
    assert desk.enrolled("win") == [(1, 11, "active", None)]


def test_a_campaign_that_fails_or_is_refused_stops_no_other(desk: Desk) -> None:
    desk.define("other", trigger={"on": "event", "event": "order"})
    desk.define("bad", trigger={"on": "event", "event": "order"})
    desk.define("points", trigger={"on": "points_expiring", "days_before": 7})
    desk.order(1, 1)
    desk.connection.execute("drop table audiences.loyalty_warning")
    desk.night(1)
    desk.define("bad", trigger={"on": "full moon"})
    results = desk.night(2)
    assert results["other"].error is None
    assert "loyalty_warning" in (results["points"].error or "")
    assert "unknown_trigger" in (results["bad"].error or "")
    ((status, reason),) = desk.log("points", 2).values()
    assert (status, "loyalty_warning" in (reason or "")) == ("failed", True)
    # Its enrolment goes on with the definition that could be read.
    assert desk.enrolled("bad") == [(1, 1, "active", None)]


def test_a_campaign_named_like_a_list_of_one_that_is_gone_is_refused_alone(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.define("other", trigger={"on": "event", "event": "order"})
    desk.order(1, 1)
    desk.night(11)
    desk.push(12, "win_1", 1)
    (desk.folder / "win.yaml").unlink()
    desk.define("win_1", trigger={"on": "event", "event": "order"})
    desk.order(12, 2)
    results = desk.night(12)
    error = results["win_1"].error or ""
    assert error.startswith("win_1.yaml, name: duplicate_name: the list win_1 is that of campaign win,")
    assert results["other"].enrolled_count == 1
    assert desk.enrolled("win") == [(1, 11, "cancelled", 12)]
    messages = desk.connection.execute("select campaign_name, list_name from audiences.message_ledger").fetchall()
    assert messages == [("win", "win_1")]


def test_a_refused_campaign_keeps_its_lists(desk: Desk) -> None:
    """With one step ask_1 would take the list of ask; refused, it still has ask_1_1."""
    on_order = {"on": "event", "event": "order"}
    two = [{"channel": "email"}, {"channel": "email"}]
    desk.define("ask", trigger=on_order, steps=two)
    desk.define("ask_1", trigger=on_order, steps=two)
    desk.night(1)
    (desk.folder / "ask.yaml").unlink()
    for name in ("ask_1", "ask_1_1", "other"):
        desk.define(name, trigger=on_order)
    assert {name for name, result in desk.night(2).items() if result.error} == {"ask_1", "ask_1_1"}


def test_a_campaign_takes_over_the_list_that_another_gave_up(desk: Desk) -> None:
    on_order = {"on": "event", "event": "order"}
    two = [{"channel": "email"}, {"channel": "email"}]
    desk.define("ask", trigger=on_order)
    desk.define("ask_1", trigger=on_order)
    desk.night(1)
    desk.define("ask", trigger=on_order, steps=two)
    desk.define("ask_1", trigger=on_order, steps=two)
    assert {name for name, result in desk.night(2).items() if result.error} == set()


def test_only_the_newest_published_day_enrols(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.night(12)
    campaigns = load_campaigns(desk.folder, CATALOGUE)
    for day in (11, 13):
        with pytest.raises(InputError, match="newest published day"):
            enrolment.enrol(desk.connection, campaigns, CATALOGUE, november(day), 5)
    desk.publish(11)
    with pytest.raises(InputError, match="enrolled for 2026-11-12 already"):
        enrolment.enrol(desk.connection, campaigns, CATALOGUE, november(11), 5)


def test_offer_codes_are_unguessable_and_the_same_on_a_second_run(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, *CUSTOMERS)
    desk.night(11)
    codes = offer_codes(desk)
    assert len(set(codes)) == len(CUSTOMERS)
    assert all(re.fullmatch(r"WIN-[A-HJ-NP-Z2-9]{12}", code) for code in codes)
    desk.night(11)
    assert offer_codes(desk) == codes
    # Another warehouse has another salt: who knows the customer and the code of a neighbour knows nothing.
    desk.connection.execute("update campaigns.secret set salt = 'other'")
    desk.night(11)
    assert not set(offer_codes(desk)) & set(codes)


def offer_codes(desk: Desk) -> list[str]:
    rows = desk.connection.execute("select offer_code from campaigns.enrolment order by customer_sk").fetchall()
    return [code for (code,) in rows]


def test_draws_are_even_and_independent_of_each_other(connection: psycopg.Connection) -> None:
    """Of 20,000 draws a tenth; six standard deviations are 255."""
    row = connection.execute(
        "select count(*) filter (where one < 0.1), count(*) filter (where other < 0.1),"
        " count(*) filter (where one < 0.1 and other < 0.1), min(one), max(one)"
        " from (select campaigns.share_of('one|' || n) as one, campaigns.share_of('other|' || n) as other"
        " from generate_series(1, 20000) as n) as draws"
    ).fetchone()
    assert row
    one, other, both, lowest, highest = row
    assert abs(one - 2000) < 255
    assert abs(other - 2000) < 255
    assert abs(both - 200) < 85
    assert 0 <= lowest < highest < 1


def test_arms_are_drawn_by_their_shares_and_stay(desk: Desk) -> None:
    desk.define("win", **(WIN_BACK | {"control_percent": 50}))
    desk.order(1, *CUSTOMERS)
    desk.night(11, global_control_percent=50)
    expected = [
        "global control group" if share(desk, f"global control|2026|{n}") < 0.5
        else "control group" if share(desk, f"control|win|{n}") < 0.5 else "treated"
        for n in CUSTOMERS
    ]  # fmt: skip
    drawn = desk.connection.execute("select arm from campaigns.enrolment order by customer_sk").fetchall()
    assert [arm for (arm,) in drawn] == expected


def share(desk: Desk, subject: str) -> float:
    row = desk.connection.execute("select campaigns.share_of(%s)", (subject,)).fetchone()
    assert row
    return float(row[0])


Night = tuple[int, list[int], list[int]]
NIGHTS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.lists(st.sampled_from(CUSTOMERS), max_size=3, unique=True),
        st.lists(st.sampled_from(CUSTOMERS), max_size=3, unique=True),
    ),
    min_size=1,
    max_size=5,
)


@given(NIGHTS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_running_a_night_again_changes_nothing(
    connection: psycopg.Connection, tmp_path: Path, nights: list[Night]
) -> None:
    connection.rollback()
    desk = Desk(connection, tmp_path)
    desk.define(
        "win", **WIN_BACK | {"trigger": {"on": "inactivity", "days": 4}, "cool_down_days": 3, "control_percent": 30}
    )
    desk.define("ask", trigger={"on": "event", "event": "order"}, expires_after_days=3, cool_down_days=2)
    day = 0
    for gap, buyers, pushed in nights:
        day += gap
        desk.order(day, *buyers)
        desk.night(day, global_control_percent=20)
        once = desk.everything()
        desk.night(day, global_control_percent=20)
        assert desk.everything() == once
        due = {
            customer
            for (customer,) in connection.execute(
                "select customer_sk from audiences.enrolment_step where step = 1 and campaign_name = 'win'"
                " and due_date <= %s and done_date > %s and pushed_date is null"
                # Who is in the list is not added again.
                " and customer_sk not in (select customer_sk from push.list_stay where removed_at is null)",
                (november(day), november(day)),
            )
        }
        desk.push(day, "win_1", *sorted(due & set(pushed)))
        desk.night(day, global_control_percent=20)
        assert desk.everything() == once
    (doubled,) = connection.execute(
        "select count(*) from (select from campaigns.enrolment where enrolment_status = 'active'"
        " group by campaign_name, customer_sk having count(*) > 1) as doubled"
    ).fetchone() or (None,)
    assert doubled == 0
    ended: list[tuple[dt.date, dt.date]] = connection.execute(
        "select enrolled_date, ended_date from campaigns.enrolment where ended_date is not null"
    ).fetchall()
    assert all(enrolled < end for enrolled, end in ended)


def test_the_night_says_what_a_campaigns_size_can_show(desk: Desk) -> None:
    """Two of four buyers ordered within the window; nothing is said of service messages, or without a control group."""
    desk.define("win", **WIN_BACK, control_percent=10, conversion_window_days=9)
    desk.define("all", **WIN_BACK)
    desk.define("points", **WIN_BACK, control_percent=10, is_service=True)
    desk.order(1, 1, 2)
    desk.order(5, 3, 4)
    desk.night(11)
    (found,) = reach.reaches(desk.connection, november(11), desk.generation)
    assert (found.campaign_name, found.treated_count + found.control_count, found.effect.base) == ("win", 2, 0.5)
    assert str(found).endswith("too small to show any effect")

"""Several customers with one address are one to a campaign: one enrolment at a time, one arm, each step once."""

import pytest

from tests.audiences.desk import CUSTOMERS, WIN_BACK, Desk, address, november

SHARED = ("skipped", "another customer has the same address")
ON_ORDER = {"on": "event", "event": "order"}


def share_one_address(desk: Desk, *customers: int) -> None:
    for customer in customers:
        desk.change_point(customer, address=address(1))


def arms(desk: Desk) -> dict[int, str]:
    return dict(desk.connection.execute("select customer_sk, arm from campaigns.enrolment").fetchall())


def share_of(desk: Desk, subject: str) -> float:
    row = desk.connection.execute("select campaigns.share_of(%s)", (subject,)).fetchone()
    assert row
    return float(row[0])


def salt_where(desk: Desk, *, control: str, treated: str) -> None:
    """A salt by which the one subject is drawn into a group of half the customers, and the other not."""
    for salt in range(100):
        desk.connection.execute("update campaigns.secret set salt = %s", (str(salt).encode(),))
        if share_of(desk, control) < 0.5 <= share_of(desk, treated):
            return
    raise AssertionError("no salt of a hundred draws them apart")


def test_one_of_an_address_is_enrolled_and_what_went_there_was_for_the_others_too(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, 1, 2, 3)
    share_one_address(desk, 2)
    desk.night(11)
    once = desk.everything()
    assert desk.log("win", 11) == {1: ("success", None), 2: SHARED, 3: ("success", None)}
    desk.push(12, "win_1", 1, sent=12)
    desk.night(11)
    assert desk.everything() == once
    desk.night(12)
    assert desk.log("win", 12) == {2: SHARED}
    desk.push(14, "win_2", 1, sent=14)
    # The first one is through; the other's silence has been written about, at the same address.
    desk.night(15)
    assert desk.enrolled("win")[0] == (1, 11, "exhausted", 15)
    assert desk.log("win", 15) == {2: SHARED}
    # A silence of its own, later, is another occasion.
    desk.order(16, 2)
    desk.night(26)
    assert desk.log("win", 26)[2] == ("success", None)


def test_who_leaves_before_anything_was_sent_makes_room(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, 1, 2)
    share_one_address(desk, 2)
    desk.night(11)
    desk.order(12, 1)
    desk.night(12)
    assert desk.enrolled("win") == [(1, 11, "won_back", 12), (2, 12, "active", None)]


def test_of_several_whose_occasion_falls_on_one_night_the_newest_counts(desk: Desk) -> None:
    desk.define("ask", trigger=ON_ORDER)
    desk.order(1, 1)
    desk.order(2, 3)
    share_one_address(desk, 3)
    desk.night(2)
    assert desk.log("ask", 2) == {1: SHARED, 3: ("success", None)}


def test_cool_down_and_maximum_are_the_addresss(desk: Desk) -> None:
    desk.define("cool", trigger=ON_ORDER, cool_down_days=5)
    desk.define("most", trigger=ON_ORDER, max_sends={"count": 1, "days": 10})
    share_one_address(desk, 2)
    desk.order(1, 1)
    desk.night(1)
    desk.push(2, "cool", 1, sent=2)
    desk.push(2, "most", 1, sent=2)
    desk.order(3, 2)
    desk.night(3)
    assert desk.log("cool", 3)[2] == ("rate_limited", "cool-down")
    assert desk.log("most", 3)[2] == ("rate_limited", "maximum of the campaign reached")


def test_a_service_message_goes_to_each_customer_of_an_address(desk: Desk) -> None:
    """The points of one are none of the other's."""
    desk.define("points", trigger=ON_ORDER, is_service=True, control_percent=None)
    share_one_address(desk, 2)
    desk.order(1, 1, 2)
    desk.night(1)
    assert desk.log("points", 1) == {1: ("success", None), 2: ("success", None)}
    desk.push(2, "points", 1, sent=2)
    desk.night(2)
    assert desk.enrolled("points") == [(1, 1, "completed", 2), (2, 1, "active", None)]


@pytest.mark.parametrize(
    ("group", "prefix"), [("control group", "control|win|"), ("global control group", "global control|2026|")]
)
def test_an_address_has_one_arm_whoever_of_its_customers_is_enrolled(desk: Desk, group: str, prefix: str) -> None:
    is_global = group.startswith("global")
    desk.define("win", **WIN_BACK | {"control_percent": 0 if is_global else 50})
    salt_where(desk, control=f"{prefix}1", treated=f"{prefix}2")
    share_one_address(desk, 2)
    desk.order(1, *set(CUSTOMERS) - {1})
    desk.night(11, global_control_percent=50 if is_global else 0)
    drawn = arms(desk)
    assert drawn.pop(2) == group
    assert drawn == {n: group if share_of(desk, f"{prefix}{n}") < 0.5 else "treated" for n in (3, 4, 5)}


def test_the_global_group_is_the_same_by_text_message(desk: Desk) -> None:
    """Customers with one mail address have numbers of their own."""
    desk.define("win", **WIN_BACK | {"steps": [{"channel": "sms"}]})
    salt_where(desk, control="global control|2026|1", treated="global control|2026|2")
    share_one_address(desk, 2)
    desk.connection.execute(
        "insert into star.dim_contact_point select (jsonb_populate_record(points, jsonb_build_object("
        "'channel', 'sms', 'address', '+88017' || customer_sk, 'is_subscribed', true, 'is_channel_enabled', true))).*"
        " from star.dim_contact_point as points where customer_sk in (1, 2)"
    )
    desk.order(1, 1, 2)
    desk.night(11, global_control_percent=50)
    assert arms(desk) == {1: "global control group", 2: "global control group"}


def test_of_two_who_came_to_share_it_a_step_goes_to_one(desk: Desk) -> None:
    desk.define("win", **WIN_BACK)
    desk.order(1, 1, 2)
    desk.night(11)
    share_one_address(desk, 2)
    desk.push(12, "win_1", 1, sent=12)
    desk.night(12)
    steps = desk.connection.execute(
        "select customer_sk, step, addressee_sk, due_date, done_date from audiences.enrolment_step order by 1, 2"
    ).fetchall()
    assert steps[0][2:] == steps[2][2:] == (1, november(11), november(12))
    assert steps[1][2:] == steps[3][2:]

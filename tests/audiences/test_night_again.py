"""A night that is run again after its push: whom it wrote to stays enrolled, and so do those they are compared with."""

import pytest

from tests.audiences.desk import CUSTOMERS, WIN_BACK, Desk


@pytest.mark.parametrize("cool_down_days", [0, 90])
def test_a_night_run_again_after_its_push_keeps_whom_it_enrolled(desk: Desk, cool_down_days: int) -> None:
    desk.define("win", **WIN_BACK | {"control_percent": 50, "cool_down_days": cool_down_days})
    desk.connection.execute("update campaigns.secret set salt = 'one'")  # by which both arms are drawn
    desk.order(1, *CUSTOMERS)
    first = desk.night(11)
    once = desk.everything()
    treated = treated_in(desk, "win")
    assert 1 < len(treated) < len(CUSTOMERS)
    # The next morning, and one of them not yet.
    desk.push(12, "win_1", *treated[1:], sent=12)
    assert desk.night(11) == first
    assert desk.everything() == once
    # Orders that came late from a till: without the control group, nobody could tell what the campaign brought.
    desk.order(5, *set(CUSTOMERS) - set(treated))
    desk.night(11)
    assert desk.everything() == once


def treated_in(desk: Desk, campaign: str) -> list[int]:
    rows = desk.connection.execute(
        "select customer_sk from campaigns.enrolment where campaign_name = %s and arm = 'treated' order by 1",
        (campaign,),
    )
    return [customer for (customer,) in rows]


def test_a_night_run_again_after_its_push_leaves_what_came_before_it(desk: Desk) -> None:
    """On the 5th the journey of the first order is over and the second order begins another."""
    desk.define("ask", trigger={"on": "event", "event": "order"}, expires_after_days=4)
    desk.order(1, 1, 2)
    desk.night(1)
    desk.order(5, 1)
    desk.night(5)
    assert desk.enrolled("ask") == [(1, 1, "expired", 5), (1, 5, "active", None), (2, 1, "expired", 5)]
    once = desk.everything()
    desk.push(6, "ask", 1)
    desk.night(5)
    assert desk.everything() == once

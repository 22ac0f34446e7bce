"""Reminders by mail address: what is none, who left the reminders' lists, and customers who share one."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from creamery.audiences import experiments
from creamery.push.export_folder import LocalFolder
from tests.carts.web_shop import RULES, SCOPE, WebShop, look, members

HANDED_OVER = "handed over"


def test_two_addresses_in_one_field_are_none(started: WebShop, tmp_path: Path) -> None:
    """Odoo normalises no such text, and a blacklist knows each of the two alone."""
    started.do("insert into mail_blacklist (email, active) values ('a@example.com', true)")
    for partner, text in ((12, "a@example.com, b@example.com"), (13, "no address")):
        started.customer(partner, email=text)
        started.do("update res_partner set email = email_normalized, email_normalized = null where id = %s", partner)
        started.cart(partner, partner)
    started.cart(10, 10)
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert started.steps() == {(10, 1): HANDED_OVER}
    assert started.statuses() == {10: "recovery_started", 12: "excluded", 13: "excluded"}


@pytest.mark.parametrize("name", ["abandoned_cart_1", "Abandoned cart, reminder 1"])
def test_who_left_one_of_the_reminders_lists_gets_no_reminder(started: WebShop, tmp_path: Path, name: str) -> None:
    started.scope = replace(SCOPE, reminder_lists=("abandoned_cart_1", "Abandoned cart, reminder 1"))
    started.do("insert into mailing_list (id, name, active) values (9, %s, true)", name)
    for contact, (partner, mailing_list) in enumerate(((10, 9), (11, 2)), 1):
        address = f"person{partner}@example.com"
        started.do("insert into mailing_contact (id, email_normalized) values (%s, %s)", contact, address)
        started.do("insert into mailing_subscription (contact_id, list_id) values (%s, 1)", contact)
        started.do(
            "insert into mailing_subscription (contact_id, list_id, opt_out) values (%s, %s, true)",
            contact,
            mailing_list,
        )
        started.cart(partner, partner)
    started.pass_time(hours=24)
    look(started, tmp_path)
    started.do("delete from mailing_list where id = 9")
    outcomes = started.steps()
    assert (outcomes[10, 2], outcomes[11, 2]) == ("opted out of the list", HANDED_OVER)
    assert [member["email"] for member in members(tmp_path)] == ["person11@example.com"]


def test_customers_of_one_address_are_in_one_group(started: WebShop, tmp_path: Path) -> None:
    started.rules = replace(RULES, control_percent=50)
    drawn = {n: experiments.draw("abandoned_cart", "control", f"C{n:07d}") < 0.5 for n in range(100, 160)}
    first = next(n for n, is_control in drawn.items() if is_control)
    other = next(n for n, is_control in drawn.items() if not is_control and n > first)
    for partner in (first, other):
        started.customer(partner, email="both@example.com")
    started.cart(1, first)
    started.pass_time(hours=1)
    look(started, tmp_path)
    started.cart(2, other)
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert {started.steps()[cart, 1] for cart in (1, 2)} == {"control group"}


def test_customers_of_one_address_are_in_one_global_group(started: WebShop, tmp_path: Path) -> None:
    for number in range(30):
        for partner in (100 + number, 200 + number):
            started.customer(partner, email=f"both{number}@example.com")
            started.cart(partner, partner)
    started.pass_time(hours=1)
    replace(started.runs(), global_control_percent=50).run(LocalFolder(tmp_path))
    spared = {cart % 100 for (cart, _), outcome in started.steps().items() if outcome == "global control group"}
    with psycopg.connect(started.admin_uri) as connection:
        drawn = connection.execute(
            "select n from generate_series(0, 29) as n where campaigns.share_of(concat_ws('|', 'global control',"
            " 2026, least(carts.customer_sk(100 + n), carts.customer_sk(200 + n)))) < 0.5"
        ).fetchall()
    assert spared == {number for (number,) in drawn} != set()

"""Reminders by mail address: what is none."""

from pathlib import Path

from tests.carts.web_shop import WebShop, look

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

"""Who must not be written to by now, as the tables of a real Odoo say."""

import datetime as dt
from collections.abc import Callable

import pytest

from creamery.errors import ContractError
from creamery.push.member import Member
from creamery.push.sql_suppression import SqlSuppression
from tests.carts.web_shop import START, WebShop, open_shop

KNOWN_AT = START
ADDRESS = "person10@example.com"


@pytest.fixture(scope="module")
def web_shop(new_database: Callable[[str], str]) -> WebShop:
    return open_shop(new_database)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("", None),
        (f"insert into mail_blacklist (email, active) values ('{ADDRESS}', true)", "blacklisted"),
        (f"insert into mail_blacklist (email, active) values ('{ADDRESS}', false)", None),
        ("update res_partner set email_normalized = 'new@example.com' where id = 10", "another address by now"),
        ("delete from res_partner where id = 10", "another address by now"),
        ("update res_partner set active = false where id = 10", "archived in Odoo"),
        (f"insert into res_partner (id, email_normalized, message_bounce) values (12, '{ADDRESS}', 3)", "bounces"),
        (f"insert into res_partner (id, email_normalized, active) values (12, '{ADDRESS}', false)", None),
        (
            f"insert into res_partner (id, email_normalized) values (12, '{ADDRESS}');"
            "insert into res_users (id, login, partner_id, share) values (12, 'boss', 12, false)",
            "internal user",
        ),
        (
            f"insert into mailing_contact (id, email_normalized) values (1, '{ADDRESS}');"
            "insert into mailing_subscription (contact_id, list_id, opt_out, opt_out_datetime)"
            " values (1, 1, true, '2020-01-01')",
            "opted out of every list",
        ),
        (
            f"insert into mailing_contact (id, email_normalized) values (1, '{ADDRESS}');"
            "insert into mailing_subscription (contact_id, list_id, opt_out, opt_out_datetime)"
            " values (1, 1, true, '2020-01-01'), (1, 2, null, null)",
            None,  # of one list: the audience knew it
        ),
        (
            f"insert into mailing_contact (id, email_normalized) values (1, '{ADDRESS}');"
            "insert into mailing_subscription (contact_id, list_id, opt_out, opt_out_datetime)"
            " values (1, 1, true, '2026-11-19 06:00:01'), (1, 2, null, null)",
            "unsubscribed since",
        ),
        (
            "insert into operational.email_subscription_preference"
            " (customer_id, email_address, is_subscribed, unsubscribed_at)"
            " values (10, 'old@example.com', false, '2026-11-19 07:00:00Z')",
            "unsubscribed",
        ),
        (
            "insert into operational.email_subscription_preference"
            " (customer_id, email_address, is_subscribed, unsubscribed_at)"
            " values (10, 'old@example.com', false, '2026-11-18 07:00:00Z')",
            "unsubscribed",  # the audience knew it, too: it is not asked when
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address, is_subscribed,"
            " company_id) values (10, 'old@example.com', false, 2)",
            None,  # another company's, which the warehouse leaves out
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address, email_enabled)"
            " values (99, 'Person10@Example.com', false)",
            "channel switched off",
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address, category_preferences)"
            """ values (10, 'old@example.com', '{"surveys": false, "marketing": true}')""",
            "opted out of the category",
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address, category_preferences)"
            """ values (10, 'old@example.com', '{"surveys": true, "marketing": false, "newsletters": "false"}')""",
            None,  # of other categories
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address)"
            " values (10, 'old@example.com')",
            None,
        ),
    ],
)
def test_reasons(web_shop: WebShop, what: str, reason: str | None) -> None:
    web_shop.reset()
    web_shop.customer(10)
    web_shop.customer(11)
    for statement in filter(None, what.split(";")):
        web_shop.do(statement)
    members = [Member(ADDRESS, partner_id=10), Member("person11@example.com", partner_id=11)]
    suppression = SqlSuppression(web_shop.odoo, KNOWN_AT, {"any": "surveys"}, companies=(1,))
    found = suppression.reasons("any", members)
    assert list(found) == ([ADDRESS] if reason else [])
    assert reason is None or reason in found[ADDRESS]


def test_a_list_without_a_category_is_marketing(web_shop: WebShop) -> None:
    web_shop.reset()
    for number in (10, 11):
        web_shop.customer(number)
    web_shop.do(
        "insert into operational.email_subscription_preference (customer_id, email_address, category_preferences)"
        """ values (10, 'old@example.com', '{"marketing": false}'), (11, 'old@example.com', '{"surveys": "false"}')"""
    )
    members = [Member(f"person{number}@example.com", partner_id=number) for number in (10, 11)]
    suppression = SqlSuppression(web_shop.odoo, KNOWN_AT, {"nps": "surveys"})
    assert suppression.reasons("gone", members) == {members[0].address: "opted out of the category"}
    assert suppression.reasons("nps", members) == {members[1].address: "opted out of the category"}


def test_snapshots_are_moments(web_shop: WebShop) -> None:
    """What is known is told in any zone."""
    web_shop.reset()
    web_shop.customer(10)
    web_shop.do(f"insert into mailing_contact (id, email_normalized) values (1, '{ADDRESS}')")
    web_shop.do("insert into mailing_subscription (contact_id, list_id) values (1, 2)")
    web_shop.do(
        "insert into mailing_subscription (contact_id, list_id, opt_out, opt_out_datetime)"
        " values (1, 1, true, '2026-11-19 06:00:00')"
    )
    dhaka = dt.timezone(dt.timedelta(hours=6))
    for moment, is_new in ((dt.time(11, 59, 59), True), (dt.time(12, 0), False)):
        known_at = dt.datetime.combine(dt.date(2026, 11, 19), moment, dhaka)
        found = SqlSuppression(web_shop.odoo, known_at).reasons("any", [Member(ADDRESS, partner_id=10)])
        assert bool(found) == is_new


def test_an_opt_out_that_cannot_be_read_is_not_taken_for_none(web_shop: WebShop) -> None:
    """Odoo, or a right on its tables, has changed: nobody is written to until somebody has looked."""
    web_shop.reset()
    web_shop.customer(10)
    web_shop.do(f"insert into mail_blacklist (email, active) values ('{ADDRESS}', true)")
    suppression = SqlSuppression(web_shop.odoo, KNOWN_AT)
    members = [Member(ADDRESS, partner_id=10)]
    web_shop.do("alter table mail_blacklist rename column active to is_active")
    try:
        with pytest.raises(ContractError, match=r"cannot be asked: column mail_blacklist\.active does not exist"):
            suppression.reasons("any", members)
    finally:
        web_shop.do("alter table mail_blacklist rename column is_active to active")
    assert suppression.reasons("any", members) == {ADDRESS: "blacklisted"}

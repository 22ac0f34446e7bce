"""Who is to be on Odoo's lists of reminders, after runs over the shop's own tables."""

from pathlib import Path

import psycopg

from tests.carts.web_shop import WebShop, look


def listed(web_shop: WebShop) -> list[tuple[str, str, str]]:
    with psycopg.connect(web_shop.admin_uri) as connection:
        return connection.execute("select list_name, address, customer_code from carts.reminder order by 2").fetchall()


def test_an_address_is_on_the_list_of_its_newest_reminder(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    assert listed(started) == []
    for hours, list_name in ((1, "abandoned_cart_1"), (23, "abandoned_cart_2"), (48, "abandoned_cart_3")):
        started.pass_time(hours=hours)
        look(started, tmp_path)
        assert listed(started) == [(list_name, "person10@example.com", "C0000010")]
    started.pass_time(days=7)
    started.cart(2, 11)
    look(started, tmp_path)
    assert listed(started) == []


def test_who_orders_or_comes_back_is_on_none(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    started.cart(2, 11)
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert len(listed(started)) == 2
    started.pass_time(hours=1)
    started.confirm(1)
    started.line(2)
    look(started, tmp_path)
    assert listed(started) == []
    started.pass_time(hours=24)
    look(started, tmp_path)
    assert listed(started) == [("abandoned_cart_2", "person11@example.com", "C0000011")]


def test_an_address_with_two_carts_is_listed_once(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    started.pass_time(hours=1)
    look(started, tmp_path)
    started.cart(2, 10)
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert listed(started) == [("abandoned_cart_1", "person10@example.com", "C0000010")]

"""Abandoned carts, from the shop's own tables to the lists of reminders."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowSkipException
from psycopg.conninfo import conninfo_to_dict

from creamery import warehouse
from creamery.carts import run as carts
from creamery.carts.run import CartRun, NothingToDo
from creamery.carts.source import Scope
from creamery.errors import SourceError
from creamery.orchestration import carts as task
from creamery.push.export_folder import LocalFolder
from tests import nights
from tests.carts.web_shop import PUBLIC, RULES, SCOPE, WebShop, belongs_to, look, members

HANDED_OVER = "handed over"


def test_three_reminders_and_no_more(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    left, seen = started.now, []
    for hours in (0.25, 0.75, 1, 1.25, 12, 23.75, 24, 24.25, 48, 71.75, 72, 72.25, 100, 500):
        started.now = left + dt.timedelta(hours=hours)
        if look(started, tmp_path).handed_over:
            seen.append(hours)
    assert seen == [1, 24, 72]
    assert [member["list"] for member in members(tmp_path)] == [f"abandoned_cart_{step}" for step in (1, 2, 3)]
    assert started.statuses() == {1: "recovery_started"}


def test_what_a_reminder_says(started: WebShop, tmp_path: Path) -> None:
    started.do("update res_partner set lang = 'bn_BD', name = '=Ann' where id = 10")
    started.cart(1, 10)
    started.line(1, 30, product_id=2, is_delivery=True)
    started.pass_time(hours=73)
    look(started, tmp_path)
    (member,) = members(tmp_path)
    code = member.pop("offer_code")
    assert code.startswith("CART-")
    assert member == {
        "list": "abandoned_cart_3",
        "customer_code": "C0000010",
        "customer_name": "'=Ann",
        "partner_id": "10",
        "email": "person10@example.com",
        "order_name": "S00001",
        "cart_summary": "2 x দুধ",
        "cart_items": member["cart_items"],
        "cart_total": "136.50",
        "currency": "BDT",
        "cart_link": "https://padma.example.com/shop/cart",
        "last_activity_at": "2026-11-19 12:00",
    }
    assert json.loads(member["cart_items"]) == [
        {"product_id": 1, "name": "দুধ", "quantity": 2, "price": 50.0, "subtotal": 100.0}
    ]
    (manifest,) = tmp_path.rglob("*manifest.json")
    assert json.loads(manifest.read_text())["rows"] == 1
    assert {path.stat().st_mode & 0o777 for path in manifest.parent.iterdir()} == {0o600}


def test_activity_starts_the_clock_again_but_no_step_twice(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    started.pass_time(minutes=59, seconds=59)
    assert look(started, tmp_path).handed_over == 0
    started.line(1)
    started.pass_time(minutes=59)
    assert look(started, tmp_path).handed_over == 0
    started.pass_time(minutes=1)
    assert look(started, tmp_path).handed_over == 1
    started.line(1)
    started.pass_time(hours=23)
    assert look(started, tmp_path).handed_over == 0
    started.pass_time(hours=1)
    assert look(started, tmp_path).handed_over == 1
    assert started.steps() == {(1, 1): HANDED_OVER, (1, 2): HANDED_OVER}


def test_carts_of_before_the_first_run_are_let_be(web_shop: WebShop, tmp_path: Path) -> None:
    web_shop.customer(10)
    web_shop.cart(1, 10)
    web_shop.pass_time(hours=30)
    look(web_shop, tmp_path)
    assert web_shop.steps() == {(1, 1): "before the first run", (1, 2): "before the first run"}
    web_shop.pass_time(hours=42)
    assert look(web_shop, tmp_path).handed_over == 1


def test_after_a_pause_the_last_step_speaks_for_all(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    started.pass_time(hours=30)
    look(started, tmp_path)
    assert started.steps() == {(1, 1): "a later step is due", (1, 2): HANDED_OVER}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("insert into mail_blacklist (email, active) values ('person10@example.com', true)", "blacklisted"),
        ("update res_partner set active = false where id = 10", "archived in Odoo"),
        ("update res_partner set message_bounce = 3 where id = 10", "bounces"),
        (
            "insert into res_partner (id, email_normalized, message_bounce) values (12, 'person10@example.com', 5)",
            "bounces",
        ),
        (
            "insert into res_partner (id, email_normalized) values (12, 'person10@example.com');"
            "insert into res_users (id, login, partner_id, share) values (12, 'boss', 12, false)",
            "internal user",
        ),
        ("update sale_order set cart_recovery_email_sent = true", "mailed by Odoo"),
        ("update website set send_abandoned_cart_email = true", "mailed by Odoo"),
        (
            "update res_partner set email_normalized = 'new@example.com' where id = 10",
            "the contact has another address by now",
        ),
        (
            "insert into mailing_contact (id, email_normalized) values (1, 'person10@example.com');"
            "insert into mailing_subscription (contact_id, list_id, opt_out) values (1, 1, true)",
            "opted out",
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address, is_subscribed)"
            " values (10, 'person10@example.com', false)",
            "opted out",
        ),
        (
            "insert into operational.email_subscription_preference (customer_id, email_address, category_preferences)"
            """ values (99, 'Person10@example.com', '{"abandoned_cart": false}')""",
            "opted out",
        ),
    ],
)
def test_whoever_may_not_be_written_to_by_now(
    started: WebShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, reason: str
) -> None:
    """Between reading the carts and handing them over."""
    started.cart(1, 10)
    started.cart(2, 11)
    started.pass_time(hours=1)
    due = carts._due

    def due_and_then(connection: psycopg.Connection) -> list[dict[str, object]]:
        for statement in change.split(";"):
            started.do(statement)
        return due(connection)

    monkeypatch.setattr(carts, "_due", due_and_then)
    look(started, tmp_path)
    outcomes = started.steps()
    assert outcomes[1, 1] == reason
    assert outcomes[2, 1] == (reason if "website" in change or "update sale_order" in change else HANDED_OVER)
    assert len(members(tmp_path)) == list(outcomes.values()).count(HANDED_OVER)


def test_consent_is_needed_where_it_is_not_assumed(started: WebShop, tmp_path: Path) -> None:
    for partner in range(12, 16):
        started.customer(partner)
    for partner in range(10, 16):
        started.cart(partner, partner)
    for contact, (partner, mailing_list, opt_out) in enumerate([(11, 1, None), (12, 2, False), (13, 1, True)], 1):
        started.do(
            "insert into mailing_contact (id, email_normalized) values (%s, %s)",
            contact,
            f"person{partner}@example.com",
        )
        started.do(
            "insert into mailing_subscription (contact_id, list_id, opt_out) values (%s, %s, %s)",
            contact,
            mailing_list,
            opt_out,
        )
    started.do("insert into mailing_subscription (contact_id, list_id) values (3, 2)")
    started.do(
        "insert into operational.email_subscription_preference (customer_id, email_address)"
        " values (14, 'x@example.com')"
    )
    started.scope = Scope((), ("News",), assume_consent=False)
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert started.steps() == {
        (10, 1): "no consent",
        (11, 1): HANDED_OVER,  # a live subscription to a marketing list; an empty opt-out is none
        (12, 1): "no consent",  # to a list that is none
        (13, 1): "no consent",
        (14, 1): HANDED_OVER,  # a preference of its own comes first
        (15, 1): "no consent",
    }


def test_carts_that_nobody_is_reminded_of(started: WebShop, tmp_path: Path) -> None:
    started.rules = replace(RULES, minimum_value=50)
    started.customer(12, is_company=True)
    started.cart(1, 10, price=49.99)
    started.cart(2, 11, price=50)
    started.cart(3, PUBLIC)
    started.cart(4, 2)  # the clerk
    started.cart(5, 12, price=600, currency_rate=12.01)  # 49.96 in the company's currency
    started.cart(6, 12, state="sent")
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert started.steps() == {(2, 1): HANDED_OVER}
    with psycopg.connect(started.admin_uri) as connection:
        reasons = dict(connection.execute("select cart_id, excluded_because from carts.cart").fetchall())
    assert reasons == {
        1: "below the minimum value",
        2: None,
        4: "internal user",
        5: "below the minimum value",
    }


def test_two_carts_at_one_address(started: WebShop, tmp_path: Path) -> None:
    started.customer(12, email="person10@example.com")
    started.cart(1, 10)
    started.pass_time(minutes=5)
    started.cart(2, 12)
    started.pass_time(hours=1)
    look(started, tmp_path)
    assert started.steps() == {(1, 1): "a newer cart at the address", (2, 1): HANDED_OVER}


def test_orders_end_it(started: WebShop, tmp_path: Path) -> None:
    for partner in (12, 13, 14, 15):
        started.customer(partner)
    started.customer(16, commercial_partner_id=15)
    for partner in range(10, 16):
        started.cart(partner, partner)
    started.pass_time(minutes=20)
    look(started, tmp_path)
    started.confirm(10)
    started.pass_time(hours=1)
    look(started, tmp_path)
    started.confirm(11)  # after a reminder
    started.confirm(12, "cancel")
    started.do("delete from sale_order_line where order_id = 13")
    started.do("delete from sale_order where id = 13")
    started.do(
        "insert into pos_order (partner_id, company_id, name, state, date_order) values (14, 1, 'P', 'paid', %s)",
        started.now.replace(tzinfo=None),
    )
    started.ordered(100, 16)  # the buyer of the same company, another order
    started.pass_time(minutes=15)
    look(started, tmp_path)
    assert started.statuses() == {
        10: "ordered",
        11: "recovered",
        12: "gone",
        13: "gone",
        14: "recovered",
        15: "recovered",
    }
    started.pass_time(hours=80)
    assert look(started, tmp_path).handed_over == 0


def test_carts_expire_and_come_back_when_touched(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    for _ in range(2):
        started.pass_time(days=30)
        look(started, tmp_path)
    assert started.statuses() == {1: "expired"}
    started.line(1)
    started.pass_time(minutes=40)
    look(started, tmp_path)
    assert started.statuses() == {1: "abandoned"}


def test_the_control_group_is_never_reminded_and_always_the_same(started: WebShop, tmp_path: Path) -> None:
    started.rules = replace(RULES, control_percent=30)
    for partner in range(100, 160):
        started.customer(partner)
        started.cart(partner, partner)
    for hours in (1, 24):
        started.pass_time(hours=hours)
        look(started, tmp_path)
    outcomes = started.steps()
    assert {cart for (cart, step), outcome in outcomes.items() if step == 1 and outcome == "control group"} == {
        cart for (cart, step), outcome in outcomes.items() if step == 2 and outcome == "control group"
    }
    assert 5 <= Counter(outcomes.values())["control group"] / 2 <= 31


def test_who_gets_no_marketing_at_all_gets_no_reminder(started: WebShop, tmp_path: Path) -> None:
    for partner in range(100, 160):
        started.customer(partner)
        started.cart(partner, partner)
    started.pass_time(hours=1)
    replace(started.runs(), global_control_percent=30).run(LocalFolder(tmp_path))
    spared = {cart for (cart, _), outcome in started.steps().items() if outcome == "global control group"}
    with psycopg.connect(started.admin_uri) as connection:
        drawn = connection.execute(
            "select n from generate_series(100, 159) as n where campaigns.share_of(concat_ws('|', 'global control',"
            " 2026, ('x' || substr(md5(concat_ws('|', 'customer', n)), 1, 16))::bit(64)::bigint)) < 0.3"
        ).fetchall()
    assert spared == {cart for (cart,) in drawn} != set()


def test_nothing_new_is_skipped_without_a_trace(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    started.pass_time(minutes=10)
    assert not look(started, tmp_path).is_idle
    started.pass_time(minutes=15)
    assert look(started, tmp_path).is_idle
    with psycopg.connect(started.admin_uri) as connection:
        assert connection.execute("select count(*) from carts.generation").fetchone() == (1,)


def test_an_older_moment_is_refused(started: WebShop, tmp_path: Path) -> None:
    started.pass_time(minutes=-15)
    with pytest.raises(NothingToDo, match="A run of 2026-11-19 06:00 has been"):
        look(started, tmp_path)


def test_one_run_at_a_time(started: WebShop, tmp_path: Path) -> None:
    with warehouse.connect(started.target, warehouse.Role.CARTS) as other:
        other.execute("select pg_advisory_lock(%s)", (carts._LOCK_KEY,))
        with pytest.raises(NothingToDo, match="Another run"):
            look(started, tmp_path)


def test_another_odoo_is_refused(started: WebShop, tmp_path: Path) -> None:
    started.do("update ir_config_parameter set value = 'other'")
    try:
        with pytest.raises(SourceError, match="leads to other"):
            look(started, tmp_path)
    finally:
        started.do("update ir_config_parameter set value = 'padma'")


def test_an_odoo_without_a_web_shop(started: WebShop, tmp_path: Path) -> None:
    started.do("alter table sale_order rename website_id to x_website_id")
    try:
        with pytest.raises(NothingToDo, match="website_id"):
            look(started, tmp_path)
    finally:
        started.do("alter table sale_order rename x_website_id to website_id")


def test_the_role_can_do_only_this(started: WebShop) -> None:
    with warehouse.connect(started.target, warehouse.Role.CARTS) as connection:
        for statement in (
            "delete from carts.cart",
            "update carts.secret set value = 'known'",
            "select * from push.operation",
            "create table carts.mine ()",
            "update ops.warehouse set odoo_series = '1'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
            connection.rollback()


def test_reminders_count_towards_caps(started: WebShop, tmp_path: Path) -> None:
    started.cart(1, 10)
    started.pass_time(hours=1)
    look(started, tmp_path)
    with psycopg.connect(started.admin_uri) as connection:
        rows = connection.execute(
            "select destination, list_name, address, customer_sk, pushed_at, removed_at from push.list_stay"
        ).fetchall()
        (key,) = connection.execute("select ('x' || substr(md5('customer|10'), 1, 16))::bit(64)::bigint").fetchone()
    ((*what, pushed_at, removed_at),) = rows
    assert (*what, pushed_at) == ("files", "abandoned_cart_1", "person10@example.com", key, started.now)
    # Not as if it had been taken back within the seven days that it counts.
    assert removed_at - pushed_at == dt.timedelta(days=8)


def test_the_demonstration_shop(shop: str, new_database: Callable[[str], str], tmp_path: Path) -> None:
    admin_uri = new_database("democarts")
    target = nights.prepare_warehouse(admin_uri)
    belongs_to(admin_uri, shop)
    with psycopg.connect(shop) as odoo:
        (newest,) = odoo.execute(
            "select max(write_date) from sale_order where state = 'draft' and website_id is not null"
        ).fetchone()
    moment = newest.replace(tzinfo=dt.UTC)
    handed_over = 0
    for hours in (-1, 25):
        summary = CartRun(moment + dt.timedelta(hours=hours), RULES, SCOPE, shop, target).run(LocalFolder(tmp_path))
        handed_over += summary.handed_over
    assert handed_over == len(members(tmp_path)) > 0
    again = CartRun(moment + dt.timedelta(hours=25), RULES, SCOPE, shop, target).run(LocalFolder(tmp_path))
    assert again.is_idle
    with psycopg.connect(shop) as odoo:
        blocked = {row[0] for row in odoo.execute("select email from mail_blacklist where active")}
    assert not blocked & {member["email"] for member in members(tmp_path)}


def test_the_task(started: WebShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Airflow calls it, with its connections and the shipped rules."""
    monkeypatch.setenv("AIRFLOW_CONN_ODOO_POSTGRES", started.odoo)
    login = conninfo_to_dict(started.target)
    monkeypatch.setenv(
        "AIRFLOW_CONN_ANALYTICS_DW",
        "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**login),
    )
    monkeypatch.setenv("CREAMERY_EXPORT_DIR", str(tmp_path))
    started.cart(1, 10)
    started.pass_time(hours=1)
    assert task.push_carts(started.now)["decided_steps"] == 1
    with pytest.raises(AirflowSkipException, match="nothing is due at 2026-11-19 07:15"):
        task.push_carts(started.now + dt.timedelta(minutes=15))
    with pytest.raises(AirflowSkipException, match="A run of 2026-11-19 07:15 has been"):
        task.push_carts(started.now)

"""Lists of whole shops: reasons add up to the audience, and nobody is in one who must not be."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from creamery import segments, warehouse
from creamery.warehouse import Role
from tests import nights
from tests.push import whole_shop
from tests.shops import AS_OF, Built

HANDED_OVER = "handed over"


@pytest.fixture(scope="session")
def real_lists(real_odoo: Built, new_database: Callable[..., str]) -> Built:
    """The real Odoo's warehouse with segments and lists."""
    admin_uri = new_database("lists", template=real_odoo.warehouse_admin)
    target = nights.as_login(admin_uri, "creamery_pipeline")
    with warehouse.connect(target, Role.TRANSFORMER) as connection:
        row = connection.execute("select generation from ops.publication").fetchone()
        assert row
        refresh_segments(connection, row[0])
    nights.build_audiences(target, AS_OF, row[0])
    return Built(real_odoo.source, target, admin_uri)


def refresh_segments(connection: psycopg.Connection, generation: int) -> None:
    """As the night does before it publishes."""
    connection.execute("update ops.generation set state = 'building' where generation = %s", (generation,))
    catalogue = segments.load_catalogue()
    defined = segments.load_segments(segments.DEFINITIONS_FOLDER, catalogue)
    segments.refresh(connection, defined, catalogue, AS_OF, generation)
    connection.execute("update ops.generation set state = 'published' where generation = %s", (generation,))
    connection.commit()


@pytest.mark.slow
def test_reasons_add_up_to_the_audience_of_the_real_odoo(real_lists: Built) -> None:
    with psycopg.connect(real_lists.warehouse_admin) as connection:
        reasons_add_up(connection)
        nobody_suppressed_is_handed_over(connection)
        segments_are_lists(connection)
        codes_are_unique(connection)
        dashboards_show_the_same(connection)
    with psycopg.connect(real_lists.source) as odoo, psycopg.connect(real_lists.warehouse_admin) as connection:
        nobody_unwilling_by_the_source(connection, odoo)


def test_reasons_add_up_to_the_audience_of_the_demonstration_shop(built: Built) -> None:
    with psycopg.connect(built.warehouse_admin) as connection:
        reasons_add_up(connection)
        nobody_suppressed_is_handed_over(connection)
        codes_are_unique(connection)
        dashboards_show_the_same(connection)
    with psycopg.connect(built.source) as odoo, psycopg.connect(built.warehouse_admin) as connection:
        nobody_unwilling_by_the_source(connection, odoo)


def reasons_add_up(connection: psycopg.Connection) -> None:
    """Win-back's audience by another way: who fell silent, of at least two orders in a year."""
    in_reach = {
        customer
        for (customer,) in connection.execute(
            "select rfm.customer_sk from marts.fact_customer_rfm as rfm"
            " inner join marts.customer_rhythm as rhythm using (as_of_date, customer_sk)"
            " inner join star.dim_customer as customer using (customer_sk)"
            " where rfm.generation_to is null and rhythm.generation_to is null and customer.generation_to is null"
            " and customer.is_current and not customer.is_former and rfm.as_of_date = %s"
            " and rfm.order_count_365_days >= 2 and rfm.days_since_last_order >= 60 * rhythm.day_limit_factor",
            (AS_OF,),
        )
    }
    outcomes = connection.execute(
        "select list_name, customer_sk, outcome from audiences.list_outcome where as_of_date = %s", (AS_OF,)
    ).fetchall()
    assert len({(list_name, customer) for list_name, customer, _ in outcomes}) == len(outcomes)
    win_back = {customer for list_name, customer, _ in outcomes if list_name == "win_back_1"}
    assert win_back == in_reach != set()
    handed_over = {(list_name, customer) for list_name, customer, outcome in outcomes if outcome == HANDED_OVER}
    members = connection.execute(
        "select list_name, customer_sk, address from audiences.list_member where as_of_date = %s", (AS_OF,)
    ).fetchall()
    assert {(list_name, customer) for list_name, customer, _ in members} == handed_over
    assert len({(list_name, address) for list_name, _, address in members}) == len(members) == len(handed_over)


def nobody_suppressed_is_handed_over(connection: psycopg.Connection) -> None:
    row = connection.execute(
        "select count(*) from audiences.list_member as members"
        " inner join audiences.suppression as suppressed using (customer_sk, channel)"
        " inner join audiences.list_definition as lists using (list_name)"
        # A service message asks for no consent to marketing; whoever refused it is left alone all the same.
        " where not (lists.is_service and suppressed.reason = 'no consent')"
    ).fetchone()
    assert row == (0,)


def segments_are_lists(connection: psycopg.Connection) -> None:
    in_lists = connection.execute(
        "select list_name, count(*) from audiences.list_outcome where list_name like 'segment\\_%%'"
        " and as_of_date = %s group by 1",
        (AS_OF,),
    ).fetchall()
    in_segments = connection.execute(
        "select 'segment_' || segment_name, count(*) from scores.segment_membership where left_date is null group by 1"
    ).fetchall()
    assert dict(in_lists) == dict(in_segments) != {}


def codes_are_unique(connection: psycopg.Connection) -> None:
    codes = connection.execute("select offer_code from audiences.list_member where list_name = 'win_back_1'").fetchall()
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("WINBACK-") for (code,) in codes)


def dashboards_show_the_same(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select shown.in_reach_count, shown.handed_over_count + shown.control_group_count + shown.capped_count"
        " + shown.no_consent_count + shown.otherwise_suppressed_count, sum(outcomes.customer_count)::int"
        " from reporting.vw_campaign_enrolment as shown"
        " inner join reporting.vw_list_outcome as outcomes"
        " on shown.as_of_date = outcomes.as_of_date and shown.campaign_code = outcomes.campaign_name"
        " where shown.as_of_date = %s group by shown.campaign_code, 1, 2",
        (AS_OF,),
    ).fetchall()
    assert rows
    assert all(in_reach == by_reason == listed for in_reach, by_reason, listed in rows)


def nobody_unwilling_by_the_source(connection: psycopg.Connection, odoo: psycopg.Connection) -> None:
    """Read from Odoo itself: blacklisted, or off every list."""
    unwilling = {
        address
        for (address,) in odoo.execute(
            "select lower(email) from mail_blacklist where active union"
            " select contact.email_normalized from mailing_contact as contact"
            " inner join mailing_subscription as subscription on contact.id = subscription.contact_id"
            " where contact.email_normalized is not null group by 1 having bool_and(coalesce(opt_out, false))"
        )
    }
    addresses = {
        address
        for (address,) in connection.execute("select address from audiences.list_member where channel = 'email'")
    }
    assert unwilling
    assert addresses
    assert not unwilling & addresses


@pytest.mark.slow
def test_every_list_of_the_demonstration_shop_is_handed_over_in_three_ways(
    built: Built, new_database: Callable[..., str], tmp_path: Path
) -> None:
    check_that_all_is_handed_over(built, new_database, tmp_path)


@pytest.mark.slow
def test_every_list_of_the_real_odoo_is_handed_over_in_three_ways(
    real_lists: Built, new_database: Callable[..., str], tmp_path: Path
) -> None:
    check_that_all_is_handed_over(real_lists, new_database, tmp_path)


def check_that_all_is_handed_over(shop: Built, new_database: Callable[..., str], folder: Path) -> None:
    """Nobody has changed anything since the night: the live source suppresses nobody whom the audience has."""
    admin_uri = new_database("handed_over", template=shop.warehouse_admin)
    source = new_database("handed_over_odoo", template=shop.source)
    copy = Built(source, nights.as_login(admin_uri, "creamery_pipeline"), admin_uri, shop.as_of)
    wanted = whole_shop.handed_over(copy)
    all_added = {"add done": sum(map(len, wanted.values()))}
    assert len(wanted["win_back_1"]) > 5
    assert whole_shop.pushed_into_odoo(copy) == (wanted, all_added)
    assert whole_shop.written_to_addon_tables(copy) == (wanted, all_added)
    assert whole_shop.written_to_files(copy, folder) == wanted

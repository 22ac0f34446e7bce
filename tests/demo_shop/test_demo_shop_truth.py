"""The truth behind the demonstration shop agrees with its books, and both are believable."""

import datetime as dt
from collections.abc import Callable, Iterator

import psycopg
import pytest

from creamery.demo_shop.shop import create_shop


@pytest.fixture(scope="module")
def shop(new_database: Callable[[str], str]) -> Iterator[psycopg.Connection]:
    dsn = new_database("demo_shop")
    create_shop(dsn, customers=400, as_of=dt.date(2026, 11, 19))
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def test_truth_agrees_with_the_books(shop: psycopg.Connection) -> None:
    """What the truth calls purchases are the customer's confirmed orders and receipts; death ends them."""
    wrong = shop.execute(
        """
        with sales as (
            select partner_id, date_order
            from sale_order
            where state = 'sale'
            union all
            select partner_id, date_order
            from pos_order
            where state in ('paid', 'done') and not is_refund
        ),
        counted as (
            select
                partner.commercial_partner_id as partner_id,
                count(*) as purchases,
                min((sales.date_order + interval '6 hours')::date) as first_on,
                max((sales.date_order + interval '6 hours')::date) as last_on
            from sales
            join res_partner as partner on sales.partner_id = partner.id
            group by partner.commercial_partner_id
        )
        select truth.partner_id
        from truth.customer as truth
        left join counted on truth.partner_id = counted.partner_id
        where
            truth.purchases is distinct from counted.purchases
            or truth.arrived_on is distinct from counted.first_on
            or truth.died_on <> counted.last_on
            or truth.is_alive = (truth.died_on is not null)
        """
    ).fetchall()
    assert wrong == []


def test_customers_are_believable(shop: psycopg.Connection) -> None:
    rare, alive, regular = shop.execute(
        """
        select avg((purchases <= 2)::integer), avg(is_alive::integer), avg(is_regular::integer)
        from truth.customer
        """
    ).fetchall()[0]
    assert 0.3 < rare < 0.6
    assert 0.4 < alive < 0.7
    assert 0.02 < regular < 0.1


def test_sales_are_believable(shop: psycopg.Connection) -> None:
    first_year, second_year = shop.execute(
        """
        select
            sum(amount_untaxed / currency_rate) filter (where date_order < date '2025-11-20'),
            sum(amount_untaxed / currency_rate) filter (where date_order >= date '2025-11-20')
        from sale_order
        where state = 'sale'
        """
    ).fetchall()[0]
    assert second_year > first_year
    (refunded,) = shop.execute(
        """
        select count(refund.id)::numeric / count(*)
        from sale_order as orders
        left join account_move as refund
            on orders.name = refund.invoice_origin and refund.move_type = 'out_refund'
        where orders.state = 'sale'
        """
    ).fetchall()[0]
    assert 0.01 < refunded < 0.04

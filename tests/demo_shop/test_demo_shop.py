"""What the demonstration shop holds: Odoo's tables, sums that agree, ids that resolve, nothing too late."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from creamery.demo_shop.shop import ShopSummary, create_shop

AS_OF = dt.date(2026, 11, 19)
ENDS_AT = dt.datetime(2026, 11, 19, 18)  # of that day in Dhaka, in UTC
CUSTOMERS = 300

# Tables of the real Odoo that the list of columns leaves out.
UNLISTED_TABLES = {"account_tax_sale_order_line_rel", "survey_question"}
# These look ahead by nature.
FUTURE_COLUMNS = {
    "commitment_date", "date_deadline", "date_maturity", "expiration_date", "invoice_date_due",
    "validity_date",
}  # fmt: skip
REFERENCES = {
    "res_company": ("company_id",),
    "res_currency": ("currency_id", "company_currency_id"),
    "res_country": ("country_id",),
    "res_country_state": ("res_partner.state_id", "crm_lead.state_id"),
    "res_users": ("user_id", "salesman_id", "invoice_user_id", "create_uid", "write_uid"),
    "res_partner": (
        "partner_id", "commercial_partner_id", "partner_invoice_id", "partner_shipping_id",
        "order_partner_id", "res_partner.parent_id",
    ),
    "res_lang": ("lang_id", "default_lang_id"),
    "website": ("website_id",),
    "product_category": ("categ_id", "product_category.parent_id"),
    "product_template": ("product_tmpl_id",),
    "product_product": ("product_id", "discount_line_product_id"),
    "product_pricelist": ("pricelist_id",),
    "uom_uom": ("uom_id", "product_uom_id", "relative_uom_id"),
    "account_tax": ("account_tax_id", "tax_line_id"),
    "crm_team": ("team_id", "crm_team_id"),
    "crm_stage": ("crm_lead.stage_id",),
    "crm_lost_reason": ("lost_reason_id",),
    "crm_lead": ("opportunity_id",),
    "sale_order": ("sale_order_line.order_id", "sale_order_coupon_points.order_id"),
    "sale_order_line": ("order_line_id", "sale_order_line_id"),
    "account_move": ("move_id", "reversed_entry_id", "account_move"),
    "account_move_line": ("invoice_line_id",),
    "pos_session": ("session_id",),
    "pos_order": ("pos_order_line.order_id",),
    "pos_order_line": ("refunded_orderline_id",),
    "utm_campaign": ("campaign_id",),
    "utm_source": ("source_id",),
    "utm_medium": ("medium_id",),
    "mailing_list": ("list_id", "mailing_list_id", "newsletter_id"),
    "mailing_contact": ("contact_id",),
    "mailing_mailing": ("mass_mailing_id", "mailing_mailing_id"),
    "mailing_trace": ("mailing_trace_id",),
    "link_tracker": ("link_id",),
    "loyalty_program": ("program_id",),
    "loyalty_reward": ("reward_id",),
    "loyalty_card": ("card_id", "coupon_id"),
    "survey_survey": ("survey_id",),
    "survey_question": ("question_id",),
    "survey_user_input": ("user_input_id",),
    "website_visitor": ("visitor_id",),
    "res_partner_category": ("category_id",),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(new_database: Callable[[str], str]) -> tuple[str, ShopSummary]:
    dsn = new_database("demo_shop")
    return dsn, create_shop(dsn, customers=CUSTOMERS, as_of=AS_OF, seed=8)


@pytest.fixture(scope="module")
def shop(made: tuple[str, ShopSummary]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(made[0], autocommit=True) as connection:
        yield connection


def rows(shop: psycopg.Connection, query: str | sql.Composed) -> list[tuple[Any, ...]]:
    return shop.execute(query).fetchall()


def value(shop: psycopg.Connection, query: str | sql.Composed) -> Any:
    return rows(shop, query)[0][0]


def columns(shop: psycopg.Connection, *types: str) -> list[tuple[str, str]]:
    """(table, column) of every column of these types."""
    return shop.execute(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and udt_name = any(%s) order by 1, 2",
        (list(types),),
    ).fetchall()


def test_columns_are_those_of_odoo_19(shop: psycopg.Connection, shared_data: Path) -> None:
    listed = (shared_data / "odoo" / "columns-19.txt").read_text().splitlines()
    real = {tuple(line.split("|")) for line in listed}
    ours = rows(
        shop,
        """
        select table_name, column_name, udt_name, is_nullable
        from information_schema.columns
        where table_schema = 'public'
        """,
    )
    assert [row for row in ours if row not in real and row[0] not in UNLISTED_TABLES] == []


def test_no_table_is_empty(shop: psycopg.Connection) -> None:
    tables = rows(shop, "select tablename from pg_tables where schemaname = 'public'")
    count = sql.SQL("select count(*) from {}")
    assert [table for (table,) in tables if value(shop, count.format(sql.Identifier(table))) == 0] == []


@pytest.mark.parametrize(
    "kind",
    [
        "sale_order where state = 'sale'",
        "sale_order where state = 'cancel'",
        "sale_order where state = 'sent'",
        "sale_order where state = 'draft' and website_id = 1",
        "sale_order where state = 'draft' and partner_id = 4",
        "sale_order where state = 'sale' and currency_id = 1",
        "sale_order where partner_id between 6 and 10",
        "sale_order_line where display_type = 'line_section'",
        "sale_order_line where reward_id is not null and price_subtotal < 0",
        "sale_order_line where is_delivery",
        "pos_order where partner_id is null and state = 'done'",
        "pos_order where is_refund and amount_total < 0",
        "pos_order where account_move is not null",
        "res_partner where not active and id > 100",
        "res_partner where parent_id is not null and type = 'delivery'",
        "res_partner where email is not null and email_normalized is null",
        "res_partner where email <> email_normalized",
        "product_product where not active",
        "crm_lead where won_status = 'won' and partner_id is not null",
        "crm_lead where not active and probability = 0 and lost_reason_id is not null",
        "mailing_subscription where opt_out",
        "mailing_subscription where write_date is null and opt_out is null",
        "mailing_trace where trace_status = 'bounce'",
        "mail_blacklist where active",
        "loyalty_card where program_id = 2 and points = 0",
        "rating_rating where not consumed",
        "survey_user_input where state = 'done'",
        "website_visitor where partner_id is null",
    ],
)
def test_every_kind_of_row_is_there(shop: psycopg.Connection, kind: str) -> None:
    assert value(shop, f"select count(*) from {kind}") > 0


def test_summary_counts(made: tuple[str, ShopSummary], shop: psycopg.Connection) -> None:
    summary = made[1]
    assert summary.customers == CUSTOMERS == value(shop, "select count(*) from truth.customer")
    assert summary.first_day == dt.date(2024, 11, 20)
    assert summary.sale_orders == value(shop, "select count(*) from sale_order where state = 'sale'")


def test_ids_resolve(shop: psycopg.Connection) -> None:
    dangling = sql.SQL("select count(*) from {} where {} not in (select id from {})")
    found = [
        f"{table}.{column} -> {target}"
        for target, names in REFERENCES.items()
        for table, column in columns(shop, "int4")
        if (column in names or f"{table}.{column}" in names)
        and value(shop, dangling.format(*map(sql.Identifier, (table, column, target))))
    ]
    assert found == []


def test_points_are_logged_for_confirmed_orders(shop: psycopg.Connection) -> None:
    states = rows(
        shop,
        """
        select distinct history.order_model, coalesce(sale_order.state, pos_order.state)
        from loyalty_history as history
        left join sale_order on history.order_model = 'sale.order' and history.order_id = sale_order.id
        left join pos_order on history.order_model = 'pos.order' and history.order_id = pos_order.id
        where history.order_id is not null
        """,
    )
    assert set(states) <= {("sale.order", "sale"), ("pos.order", "done"), ("pos.order", "paid")}


def test_letters_go_to_the_address_of_their_reader(shop: psycopg.Connection) -> None:
    wrong = rows(
        shop,
        """
        select trace.id
        from mailing_trace as trace
        left join mailing_contact as contact on trace.model = 'mailing.contact' and trace.res_id = contact.id
        left join res_partner as partner on trace.model = 'res.partner' and trace.res_id = partner.id
        where
            coalesce(contact.id, partner.id) is null
            or trace.email is distinct from coalesce(contact.email_normalized, partner.email_normalized)
        """,
    )
    assert wrong == []


def test_orders_are_the_sum_of_their_lines(shop: psycopg.Connection) -> None:
    wrong = rows(
        shop,
        """
        select orders.name
        from sale_order as orders
        left join (
            select
                order_id,
                sum(price_subtotal) as untaxed,
                sum(price_tax::numeric) as tax,
                sum(margin) as margin
            from sale_order_line
            group by order_id
        ) as lines on orders.id = lines.order_id
        where
            orders.amount_untaxed is distinct from lines.untaxed
            or orders.amount_tax is distinct from lines.tax
            or orders.amount_total <> orders.amount_untaxed + orders.amount_tax
            or abs(orders.margin - lines.margin) > 0.01
        """,
    )
    assert wrong == []


def test_lines_are_quantity_times_price(shop: psycopg.Connection) -> None:
    wrong = rows(
        shop,
        """
        select id
        from sale_order_line
        where
            price_subtotal <> round(product_uom_qty * price_unit * (1 - discount / 100), 2)
            or price_total <> price_subtotal + price_tax::numeric
        """,
    )
    assert wrong == []


def test_receipts_are_the_sum_of_their_lines(shop: psycopg.Connection) -> None:
    wrong = rows(
        shop,
        """
        select receipt.name
        from pos_order as receipt
        left join (
            select order_id, sum(price_subtotal_incl) as total, sum(price_subtotal) as untaxed
            from pos_order_line
            group by order_id
        ) as lines on receipt.id = lines.order_id
        where
            receipt.amount_total is distinct from lines.total
            or receipt.amount_tax <> lines.total - lines.untaxed
        """,
    )
    assert wrong == []


def test_what_is_brought_back_was_bought(shop: psycopg.Connection) -> None:
    wrong = rows(
        shop,
        """
        select back.id
        from pos_order_line as back
        join pos_order as receipt on back.order_id = receipt.id
        left join pos_order_line as sold on back.refunded_orderline_id = sold.id
        where
            receipt.is_refund
            and (sold.id is null or sold.qty + back.qty <> 0 or sold.product_id <> back.product_id)
        """,
    )
    assert wrong == []


def test_documents_balance_and_add_up(shop: psycopg.Connection) -> None:
    wrong = rows(
        shop,
        """
        with sums as (
            select
                move_id,
                sum(balance) as balance,
                sum(price_subtotal) filter (where display_type = 'product') as untaxed,
                sum(price_total) filter (where display_type = 'product') as total
            from account_move_line
            group by move_id
        )
        select move.name
        from account_move as move
        left join sums on move.id = sums.move_id
        where
            sums.balance is distinct from 0
            or move.move_type <> 'entry'
            and (move.amount_untaxed <> sums.untaxed or move.amount_total <> sums.total)
        """,
    )
    assert wrong == []


def test_nothing_happens_after_the_last_day(shop: psycopg.Connection) -> None:
    latest = sql.SQL("select coalesce(max({})::timestamp, '-infinity') >= {} from {}")
    late = [
        f"{table}.{column}"
        for table, column in columns(shop, "timestamp", "date")
        if column not in FUTURE_COLUMNS
        and value(shop, latest.format(sql.Identifier(column), sql.Literal(ENDS_AT), sql.Identifier(table)))
    ]
    assert late == []


def test_the_last_days_are_busy(shop: psycopg.Connection) -> None:
    orders, carts = rows(
        shop,
        """
        select
            count(*) filter (where state = 'sale' and date_order > timestamp '2026-11-18 18:00'),
            count(*) filter (where state = 'draft' and create_date > timestamp '2026-11-15 18:00')
        from sale_order
        """,
    )[0]
    assert orders > 0
    assert carts > 0
    assert value(shop, "select count(*) from pos_order where state = 'paid'") > 0


@pytest.mark.parametrize("table", ["sale_order", "pos_order"])
def test_partners_exist_before_they_buy(shop: psycopg.Connection, table: str) -> None:
    early = rows(
        shop,
        f"""
        select orders.name
        from {table} as orders
        join res_partner as partner on orders.partner_id = partner.id
        where orders.create_date < partner.create_date
        """,
    )
    assert early == []


def test_credit_notes_lead_where_they_should(shop: psycopg.Connection) -> None:
    """Reason, whether an entry is reversed, state of the order by own lines, and by the reversed entry's."""
    found = rows(
        shop,
        """
        with line_links as (
            select line.move_id, min(sold.state) as state
            from account_move_line as line
            join sale_order_line_invoice_rel as rel on line.id = rel.invoice_line_id
            join sale_order_line as sold on rel.order_line_id = sold.id
            group by line.move_id
        )
        select distinct note.reason, original.id is not null, own.state, through.state
        from truth.credit_note as note
        join account_move as move on note.move_id = move.id and move.move_type = 'out_refund'
        left join account_move as original on move.reversed_entry_id = original.id
        left join line_links as own on move.id = own.move_id
        left join line_links as through on original.id = through.move_id
        """,
    )
    assert set(found) == {
        ("full", True, "sale", "sale"),
        ("partial", True, "sale", "sale"),
        ("linked by entry only", True, None, "sale"),
        ("linked by line only", False, "sale", None),
        ("cancelled order", True, "cancel", "cancel"),
        ("receipt", True, None, None),
        ("manual invoice", True, None, None),
        ("no link", False, None, None),
    }


@pytest.mark.parametrize("table", ["res_partner", "mailing_contact", "crm_lead"])
def test_addresses_are_normalised_as_odoo_does(shop: psycopg.Connection, table: str) -> None:
    wrong = rows(shop, f"select id from {table} where email_normalized !~ '^[a-z0-9.-]+@[a-z0-9.-]+$'")
    assert wrong == []


def test_loyalty_balances_are_explained_by_their_log(shop: psycopg.Connection) -> None:
    unexplained, cards, lowest = rows(
        shop,
        """
        select
            count(*) filter (where card.points::numeric <> coalesce(log.points, 0)),
            count(*),
            min(card.points)
        from loyalty_card as card
        left join (
            select card_id, sum(issued::numeric - used::numeric) as points
            from loyalty_history
            group by card_id
        ) as log on card.id = log.card_id
        where card.program_id = 1
        """,
    )[0]
    assert 0 < unexplained <= cards / 20
    assert lowest >= 0

"""A web shop with real tables of Odoo, empty but for the company, and what its customers do."""

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from creamery.carts.rules import CartRules, Step
from creamery.carts.run import CartRun, Summary
from creamery.carts.source import Scope
from creamery.demo_shop.schema import create_schema
from creamery.extract import source
from creamery.push.export_folder import LocalFolder
from tests import nights

START = dt.datetime(2026, 11, 19, 6, 0, tzinfo=dt.UTC)
RULES = CartRules(
    idle_minutes=30,
    expire_days=30,
    recovery_days=7,
    minimum_value=0,
    exclude_subscriptions=True,
    control_percent=0,
    steps=(Step(1), Step(24), Step(72, "CART")),
)
SCOPE = Scope(companies=(), marketing_lists=(), assume_consent=True)
PUBLIC = 4  # the partner of visitors without a name

_FILL = """
    insert into res_currency (id, name, symbol) values (1, 'BDT', '৳');
    insert into res_partner (id, name, commercial_partner_id, active, create_date, tz) values
    (1, 'Padma', 1, true, '2026-01-01', 'Asia/Dhaka'), (2, 'Clerk', 2, true, '2026-01-01', null),
    (4, 'Public', 4, true, '2026-01-01', null);
    insert into res_company (id, name, partner_id, currency_id) values (1, 'Padma', 1, 1);
    insert into res_users (id, login, partner_id, company_id, share, active) values
    (1, 'clerk', 2, 1, false, true), (2, 'public', 4, 1, true, true);
    insert into website (id, name, domain, company_id, user_id) values (1, 'Padma', 'https://padma.example.com', 1, 2);
    insert into ir_config_parameter (key, value) values ('database.uuid', 'padma');
    insert into product_template (id, name, type, active) values
    (1, '{"en_US": "Milk", "bn_BD": "দুধ"}', 'consu', true), (2, '{"en_US": "Delivery"}', 'service', true);
    insert into product_product (id, product_tmpl_id, active) values (1, 1, true), (2, 2, true);
    insert into mailing_list (id, name, active) values (1, 'News', true), (2, 'Recipes', true);
"""


@dataclass
class WebShop:
    """The shop, its warehouse, and the clock of the test."""

    odoo: str
    target: str
    admin_uri: str
    now: dt.datetime = START
    rules: CartRules = RULES
    scope: Scope = SCOPE
    _connection: psycopg.Connection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = psycopg.connect(self.odoo, autocommit=True)

    def reset(self) -> None:
        """Nobody was there yet."""
        self.now, self.rules, self.scope = START, RULES, SCOPE
        for table in ("sale_order", "sale_order_line", "mail_blacklist", "mailing_contact", "mailing_subscription"):
            self.do(f"truncate {table}")
        self.do("truncate pos_order")
        self.do("truncate operational.email_subscription_preference")
        self.do("delete from res_partner where id >= 10")
        self.do("delete from res_users where id >= 10")
        self.do("update website set send_abandoned_cart_email = false")
        with psycopg.connect(self.admin_uri) as connection:
            connection.execute("truncate carts.step, carts.cart, carts.generation, carts.progress, push.list_stay")

    def do(self, statement: str, *values: object) -> None:
        self._connection.execute(statement.encode(), values)

    def customer(self, partner: int, email: str | None = None, **values: object) -> None:
        row = {
            "id": partner,
            "name": f"Person {partner}",
            "commercial_partner_id": partner,
            "email_normalized": email or f"person{partner}@example.com",
            "active": True,
            "create_date": START.replace(tzinfo=None),
            **values,
        }
        self._insert("res_partner", row)

    def cart(self, order: int, partner: int, price: float = 100, **values: object) -> None:
        """Something is put into a cart now."""
        self._order(order, partner, **{"state": "draft", **values})
        self.line(order, price)

    def line(self, order: int, price: float = 100, **values: object) -> None:
        stamp = self._stamp()
        row = {
            "order_id": order,
            "product_id": 1,
            "name": "Milk",
            "product_uom_qty": 2,
            "price_unit": price / 2,
            "price_subtotal": price,
            "price_total": round(price * 1.05, 2),
            "create_date": stamp,
            "write_date": stamp,
        }
        self._insert("sale_order_line", row | values)

    def ordered(self, order: int, partner: int, **values: object) -> None:
        self._order(order, partner, **{"state": "sale", "website_id": None, **values})

    def confirm(self, order: int, state: str = "sale") -> None:
        stamp = self._stamp()
        self.do(
            "update sale_order set state = %s, date_order = %s, write_date = %s where id = %s",
            state,
            stamp,
            stamp,
            order,
        )

    def pass_time(self, **duration: float) -> None:
        self.now += dt.timedelta(**duration)

    def runs(self) -> CartRun:
        return CartRun(self.now, self.rules, self.scope, self.odoo, self.target)

    def steps(self) -> dict[tuple[int, int], str]:
        """Outcome by cart and step."""
        with psycopg.connect(self.admin_uri) as connection:
            rows = connection.execute("select cart_id, step, outcome from carts.step order by 1, 2").fetchall()
        return {(cart, step): outcome for cart, step, outcome in rows}

    def statuses(self) -> dict[int, str]:
        with psycopg.connect(self.admin_uri) as connection:
            return dict(connection.execute("select cart_id, status from carts.cart order by 1").fetchall())

    def _order(self, order: int, partner: int, **values: object) -> None:
        stamp = self._stamp()
        row = {
            "id": order,
            "name": f"S{order:05d}",
            "partner_id": partner,
            "company_id": 1,
            "currency_id": 1,
            "currency_rate": 1,
            "website_id": 1,
            "date_order": stamp,
            "create_date": stamp,
            "write_date": stamp,
        }
        self._insert("sale_order", row | values)

    def _insert(self, table: str, row: dict[str, object]) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(map(sql.Placeholder, row))
        self._connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(sql.Identifier(table), names, values), row
        )

    def _stamp(self) -> dt.datetime:
        return self.now.astimezone(dt.UTC).replace(tzinfo=None)


def open_shop(new_database: Callable[[str], str]) -> WebShop:
    """The shop, and a warehouse that was filled from it once."""
    odoo, admin_uri = new_database("webshop"), new_database("cartwarehouse")
    target = nights.prepare_warehouse(admin_uri)
    with psycopg.connect(odoo) as connection:
        create_schema(connection)
        for file in sorted((nights.ROOT / "sql" / "operational").glob("*.sql")):
            connection.execute(file.read_bytes())
        _forget_not_null(connection)
        connection.execute(_FILL.encode())
    belongs_to(admin_uri, odoo)
    return WebShop(odoo, target, admin_uri)


def belongs_to(admin_uri: str, odoo: str) -> None:
    """What the first extraction notes."""
    with source.connect(odoo) as session:
        facts = source.read_facts(session, None)
    with psycopg.connect(admin_uri) as connection:
        connection.execute(
            "insert into ops.warehouse values (true, %s, %s, '19.0', 1, 1, 'BDT', %s, %s, %s)",
            (facts.uuid, facts.fingerprint, facts.time_zone.key, START, START),
        )


def _forget_not_null(connection: psycopg.Connection) -> None:
    """What does not matter here need not be given."""
    connection.execute(
        """
        do $$ declare spared record; begin
            for spared in
                select attribute.attrelid::regclass as relation, attribute.attname as name
                from pg_attribute as attribute
                join pg_class as class on class.oid = attribute.attrelid
                where class.relnamespace = 'public'::regnamespace and class.relkind = 'r' and attribute.attnotnull
                and attribute.attnum > 0 and not exists (
                    select from pg_index as key
                    where key.indrelid = class.oid and key.indisprimary and attribute.attnum = any(key.indkey)
                )
            loop
                execute format('alter table %s alter column %I drop not null', spared.relation, spared.name);
            end loop;
        end $$
        """
    )


def look(web_shop: WebShop, folder: Path) -> Summary:
    """A run at the shop's now."""
    return web_shop.runs().run(LocalFolder(folder))


def members(folder: Path) -> list[dict[str, str]]:
    """Everybody in every list."""
    found = []
    for path in sorted(folder.rglob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            found += [{"list": path.parents[1].name, **row} for row in csv.DictReader(file)]
    return found

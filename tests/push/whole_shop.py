"""All lists of a whole shop, handed over in the three ways: to a fake Odoo with the shop's people, to the add-on's
tables in a copy of its database, and as files."""

import csv
import dataclasses
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from creamery import warehouse
from creamery.push import addon_push, odoo_push, settings
from creamery.push.destinations import files
from creamery.push.export_folder import LocalFolder
from creamery.push.ledger import State
from creamery.push.odoo_push import OdooPush
from creamery.warehouse import Role
from tests import nights
from tests.push.fake_odoo import FakeOdoo
from tests.shops import Built

# Every Odoo has this; a dump that was made of chosen tables may lack it.
UUID = """
    create table if not exists ir_config_parameter (key varchar, value text);
    insert into ir_config_parameter (key, value)
    select 'database.uuid', gen_random_uuid()
    where not exists (select from ir_config_parameter where key = 'database.uuid');
"""

Lists = dict[str, set[str]]  # addresses by list
WRITER_PASSWORD = "only-for-tests-4"
QUICK = dataclasses.replace(settings.load(), calls_per_second=10**6)

# What the API would show of the shop's database.
COPIED = {
    "res.partner": "select id, email_normalized, active, partner_share, message_bounce from res_partner",
    "mail.blacklist": "select id, email, active from mail_blacklist",
    "mailing.list": "select id, name, active from mailing_list",
    "mailing.contact": "select id, email_normalized from mailing_contact",
    "mailing.subscription": "select id, contact_id, list_id, opt_out, create_uid,"
    " to_char(opt_out_datetime, 'yyyy-mm-dd hh24:mi:ss') as opt_out_datetime from mailing_subscription",
}


def fake_of(shop: Built, admin: psycopg.Connection) -> FakeOdoo:
    """An Odoo 19 with the people, contacts and wishes of the shop, under its uuid."""
    row = admin.execute("select source_uuid from ops.warehouse").fetchone()
    odoo = FakeOdoo(19, **({"uuid": row[0]} if row and row[0] else {}))
    with psycopg.connect(shop.source, row_factory=dict_row) as source:
        for model, query in COPIED.items():
            records = odoo.store.records[model] = {each["id"]: each for each in source.execute(query.encode())}
            odoo.store.sequences[model] = max(records, default=0)
    return odoo


def pushed_into_odoo(shop: Built) -> tuple[Lists, dict[str, int]]:
    """Whom Odoo then has on lists of ours, and operations by what became of them."""
    with psycopg.connect(shop.warehouse_admin) as admin, fake_of(shop, admin) as odoo:
        with odoo_push.opened(shop.warehouse, odoo.login, QUICK) as push:
            counts = push_everything(push, shop)
        names = {
            remote: name for name, remote in admin.execute("select list_name, remote_id from push.destination_list")
        }
        held = [
            (names[row["list_id"]], odoo.store.address(row))
            for row in odoo.store.records["mailing.subscription"].values()
            if row["list_id"] in names
        ]
        return by_list(held), counts


def written_to_addon_tables(shop: Built) -> tuple[Lists, dict[str, int]]:
    """Who then waits in the tables of the add-on, made in the shop's database, which is a copy to write into."""
    with psycopg.connect(shop.source, autocommit=True) as source:
        source.execute(UUID.encode())
        for file in sorted((nights.ROOT / "sql" / "operational").glob("*.sql")):
            source.execute(file.read_bytes())
        source.execute((nights.ROOT / "sql" / "odoo_campaign_writer.sql").read_bytes())
        source.execute(f"alter role creamery_campaign_writer password '{WRITER_PASSWORD}'".encode())
        writer = make_conninfo(shop.source, user="creamery_campaign_writer", password=WRITER_PASSWORD)
        with addon_push.opened(shop.warehouse, writer, shop.source, QUICK) as push:
            counts = push_everything(push, shop)
        held = source.execute(
            "select campaign.settings ->> 'creamery_list', recipient.email_address"
            " from operational.campaign_recipient as recipient"
            " inner join operational.email_campaign as campaign on recipient.campaign_id = campaign.id"
            " where recipient.status = 'pending' and campaign.settings ? 'creamery_list'"
            " union all select segment.filter_criteria ->> 'creamery_list', partner.email_normalized"
            " from operational.segment_membership as member"
            " inner join operational.customer_segment as segment on member.segment_id = segment.id"
            " inner join res_partner as partner on member.customer_id = partner.id"
            " where member.source = 'creamery'"
        ).fetchall()
        return by_list(held), counts


def written_to_files(shop: Built, folder: Path) -> Lists:
    """Addresses in the CSV of each list of mails. The export refuses a list whose reasons do not add up."""
    with warehouse.connect(shop.warehouse, Role.EXPORTER) as connection:
        definitions = [each for each in files.definitions(connection) if each.channel == "email"]
        exported = [files.export_list(connection, each, shop.as_of, LocalFolder(folder)) for each in definitions]
    rows = []
    for each in exported:
        with Path(each.address).open(newline="", encoding="utf-8") as file:
            rows += [(each.list_name, row["email"]) for row in csv.DictReader(file)]
    return by_list(rows)


def push_everything(push: OdooPush, shop: Built) -> dict[str, int]:
    """Every list, approved by a person and read back; operations by what became of them."""
    plans = push.plan_lists(shop.as_of)
    ids = [plan.plan_id for plan in plans]
    push.approve([plan.plan_id for plan in plans if plan.state == State.AWAITING_APPROVAL], "a person")
    counts: dict[str, int] = defaultdict(int)
    for of_list in push.apply_plans(ids).values():
        for what, count in of_list.items():
            counts[what] += count
    push.verify_plans(ids)
    return dict(counts)


def handed_over(shop: Built) -> Lists:
    with psycopg.connect(shop.warehouse_admin) as admin:
        return by_list(
            admin.execute(
                "select list_name, address from audiences.list_member where channel = 'email' and as_of_date = %s",
                (shop.as_of,),
            ).fetchall()
        )


def by_list(pairs: Any) -> Lists:
    lists: Lists = defaultdict(set)
    for name, address in pairs:
        assert address not in lists[name], "somebody is on the list twice"
        lists[name].add(address)
    return dict(lists)

"""A few customers whose orders and messages tests decide, in the tables and views of a real warehouse."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg

from creamery.audiences import enrolment
from creamery.audiences.definition import load_campaigns
from creamery.segments import load_catalogue

CATALOGUE = load_catalogue()
CUSTOMERS = (1, 2, 3, 4, 5)
SILENCE = {"on": "inactivity", "days": 10}
WIN_BACK = {
    "type": "win_back",
    "trigger": SILENCE,
    "ends_on_order": True,
    "steps": [{"channel": "email"}, {"channel": "email", "delay_days": 2}],
    "offer": {"code_prefix": "WIN"},
}
CAMPAIGN: dict[str, object] = {
    "title": "Of a test",
    "description": "Of a test.",
    "type": "welcome",
    "steps": [{"channel": "email"}],
    "priority": 10,
    "control_percent": 0,
    "cool_down_days": 0,
    "max_sends": {"count": 99, "days": 999},
}


def november(number: int) -> dt.date:
    return dt.date(2026, 11, number)


class Desk:
    """Customers 1 to 5 with an address each and consent; days are of November 2026."""

    def __init__(self, connection: psycopg.Connection, folder: Path) -> None:
        self.connection, self.folder = connection, folder
        self.orders: dict[int, list[int]] = {customer: [] for customer in CUSTOMERS}
        (generation,) = self._one("select generation from ops.publication")
        self.generation = generation
        for table in ("campaigns.trigger_log", "campaigns.skipped_step", "campaigns.enrolment", "push.list_stay"):
            connection.execute(f"delete from {table}".encode())
        connection.execute("update campaigns.campaign set last_enrolled_date = null")
        self._replace(
            "star.dim_customer",
            [{"customer_sk": n, "customer_code": code(n), "is_archived": False, "is_former": False} for n in CUSTOMERS],
        )
        self._replace("star.dim_contact_point", [self._point(n) for n in CUSTOMERS])

    def define(self, name: str, **keys: object) -> None:
        """A campaign like CAMPAIGN; a value of None leaves the key out."""
        document = {key: value for key, value in (CAMPAIGN | {"name": name} | keys).items() if value is not None}
        (self.folder / f"{name}.yaml").write_text(json.dumps(document))

    def order(self, day: int, *customers: int) -> None:
        for customer in customers:
            self.orders[customer].append(day)

    def push(self, day: int, list_name: str, *customers: int, sent: int | None = None) -> None:
        """A destination acknowledges that the customers are in the list; `sent`: and a person sends the message."""
        for customer in customers:
            self.connection.execute(
                "insert into push.list_stay (destination, list_name, address, customer_sk, pushed_at, sent_at)"
                " values ('odoo', %s, %s, %s, %s::timestamp at time zone 'Asia/Dhaka',"
                " %s::timestamp at time zone 'Asia/Dhaka')",
                (
                    list_name,
                    address(customer),
                    customer,
                    f"{november(day)} 08:00",
                    f"{november(sent)} 09:00" if sent else None,
                ),
            )

    def change_point(self, customer: int, **columns: object) -> None:
        for column, value in columns.items():
            statement = f"update star.dim_contact_point set {column} = %s where customer_sk = %s and channel = 'email'"
            self.connection.execute(statement.encode(), (value, customer))

    def night(self, day: int, global_control_percent: int = 0) -> dict[str, enrolment.Enrolled]:
        """Publish the day, and enrol."""
        self.publish(day)
        campaigns = load_campaigns(self.folder, CATALOGUE)
        results = enrolment.enrol(self.connection, campaigns, CATALOGUE, november(day), global_control_percent)
        return {result.name: result for result in results}

    def publish(self, day: int) -> None:
        self.connection.execute("update ops.publication set as_of_date = %s", (november(day),))
        known = {n: sorted(each for each in days if each <= day) for n, days in self.orders.items()}
        self._replace("star.fact_order", [self._order(n, each) for n, days in known.items() for each in days])
        self._replace("marts.fact_customer_rfm", [self._rfm(n, days, day) for n, days in known.items() if days])
        self._replace("marts.customer_rhythm", [self._rhythm(n, days, day) for n, days in known.items()])
        self._replace("marts.customer_lifecycle", [self._lifecycle(n, days, day) for n, days in known.items()])

    def enrolled(self, campaign: str) -> list[tuple[object, ...]]:
        """Customer, day enrolled, status, day ended."""
        return self.connection.execute(
            "select customer_sk, extract(day from enrolled_date)::int, enrolment_status,"
            " extract(day from ended_date)::int from campaigns.enrolment where campaign_name = %s order by 1, 2",
            (campaign,),
        ).fetchall()

    def log(self, campaign: str, day: int) -> dict[int | None, tuple[str, str | None]]:
        rows = self.connection.execute(
            "select customer_sk, execution_status, reason from campaigns.trigger_log"
            " where campaign_name = %s and as_of_date = %s",
            (campaign, november(day)),
        ).fetchall()
        return {customer: (status, reason) for customer, status, reason in rows}

    def everything(self) -> Sequence[object]:
        tables = (
            "enrolment",
            "trigger_log",
            "skipped_step",
            "campaign",
            "campaign_step",
            "experiment",
            "experiment_result",
        )
        return [
            self.connection.execute(
                f"select to_jsonb(rows) from campaigns.{table} as rows order by to_jsonb(rows)::text".encode()
            ).fetchall()
            for table in tables
        ]

    def _replace(self, table: str, rows: Iterable[dict[str, object]]) -> None:
        """Rows like one that was there, but for the columns that are given."""
        found = self.connection.execute(f"select to_jsonb(rows) from {table} as rows limit 1".encode()).fetchone()
        if found is not None:
            self._like = getattr(self, "_like", {}) | {table: found[0]}
        self.connection.execute(f"delete from {table}".encode())
        like = self._like[table] | {"generation_from": self.generation, "generation_to": None}
        self.connection.execute(
            f"insert into {table} select * from jsonb_populate_recordset(null::{table}, %s)".encode(),
            (json.dumps([like | row for row in rows], default=str),),
        )

    def _one(self, query: str) -> tuple[int, ...]:
        row = self.connection.execute(query.encode()).fetchone()
        assert row
        return row

    def _point(self, customer: int) -> dict[str, object]:
        return {
            "customer_sk": customer, "channel": "email", "address": address(customer), "partner_id": customer,
            "bounce_count": 0, "has_hard_bounce": False, "is_blacklisted": False, "has_opted_out_of_all": False,
            "has_live_subscription": True, "is_internal_user": False, "is_subscribed": None,
            "is_channel_enabled": None, "preferred_frequency": "normal", "refused_categories": [], "refused_lists": [],
        }  # fmt: skip

    def _order(self, customer: int, day: int) -> dict[str, object]:
        return {
            "order_sk": 100 * customer + day, "customer_sk": customer, "order_date": november(day),
            "ordered_at": f"{november(day)} 10:00", "counted_days": f"{{[{november(day)},)}}", "sold_net_amount": 10,
        }  # fmt: skip

    def _rfm(self, customer: int, days: list[int], day: int) -> dict[str, object]:
        return {
            "as_of_date": november(day), "customer_sk": customer, "last_order_date": november(days[-1]),
            "days_since_last_order": day - days[-1], "order_count_365_days": len(days), "rfm_sk": customer,
        }  # fmt: skip

    def _rhythm(self, customer: int, days: list[int], day: int) -> dict[str, object]:
        return {
            "as_of_date": november(day), "customer_sk": customer, "order_day_count": len(set(days)),
            "day_limit_factor": 1, "mean_gap_days": None,
        }  # fmt: skip

    def _lifecycle(self, customer: int, days: list[int], day: int) -> dict[str, object]:
        return {
            "lifecycle_sk": customer, "as_of_date": november(day), "customer_sk": customer,
            "current_stage": "active", "first_order_date": november(days[0]) if days else None,
        }  # fmt: skip


def address(customer: int) -> str:
    return f"{customer}@example.com"


def code(customer: int) -> str:
    return f"P{customer:07d}"

"""Whole published rows of customers that are each on a border of some rule: orders and rows in boundary_customers.md.

Another mart joins by a section of its name there, with a table of its columns, and a line in DERIVED for those that
follow from others.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from creamery.demo_shop.importer import ImportOptions, import_orders
from creamery.settings import DBT_PROJECT_FOLDER
from tests import nights

Row = dict[str, Any]
D = dt.date(2026, 11, 19)
HERE = Path(__file__).parent


def sections() -> dict[str, list[dict[str, str]]]:
    """The tables of the document by their heading."""
    found = {}
    for part in (HERE / "boundary_customers.md").read_text().split("\n## ")[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|")]
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        found[part.splitlines()[0]] = [dict(zip(header, row, strict=True)) for row in rows]
    return found


TABLES = sections()


def days_of(text: str) -> Iterator[int]:
    """2..4, 300 -> 2, 3, 4, 300."""
    for part in text.split(", "):
        first, _, last = part.partition("..")
        yield from range(int(first), int(last or first) + 1)


def orders_file() -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["order_id", "date", "customer", "product", "quantity", "price"])
    for row in TABLES["Orders"]:
        for days in days_of(row["days before D"]):
            moment = f"{D - dt.timedelta(days=days)} {row['at'] or '12:00'}"
            net = Decimal(row["net"])
            name = f"{row['customer']}/{row['product']}/{days}"
            writer.writerow([name, moment, row["customer"], row["product"], 1 if net > 0 else -1, abs(net)])
    return text.getvalue()


@dataclass(frozen=True)
class Shop:
    """The built warehouse, and its customers by their name in the document."""

    warehouse: str
    names: dict[int, str]
    first_witnessed: dt.date

    def rows(self, table: str) -> dict[str, Row]:
        """Published rows of D by customer, without the audit columns; of star everything that is published."""
        with psycopg.connect(self.warehouse) as connection:
            found = connection.execute(
                "select (to_jsonb(facts) - 'generation_from' - 'generation_to' - 'created_at')::text"
                f" from {table} as facts cross join ops.publication"
                " where coalesce(to_jsonb(facts) ->> 'as_of_date' = %s, true) and facts.generation_from <= generation"
                " and (facts.generation_to is null or facts.generation_to > generation)",
                (str(D),),
            ).fetchall()
        rows = [json.loads(row, parse_float=Decimal) for (row,) in found]
        return {self.names[row["customer_sk"]]: row for row in rows}

    def sk(self, customer: str) -> int:
        return next(sk for sk, name in self.names.items() if name == customer)


@pytest.fixture(scope="module")
def shop(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    source, warehouse = new_database("boundary"), new_database("warehouse")
    folder = tmp_path_factory.mktemp("boundary")
    (folder / "orders.csv").write_text(orders_file())
    options = ImportOptions(name="boundary", time_zone="Asia/Dhaka", currency="BDT", bad_rows_folder=folder)
    import_orders(folder / "orders.csv", source, options)
    with psycopg.connect(source) as connection:
        connection.execute((HERE / "boundary_customers.sql").read_bytes())
        refs = dict(connection.execute("select id, ref from res_partner where ref is not null").fetchall())
    nights.run(source, nights.prepare_warehouse(warehouse), D, is_checked=True)
    with psycopg.connect(warehouse) as connection:
        ((witnessed,),) = connection.execute("select first_witnessed_date from staging.stg_ops__warehouse").fetchall()
    return Shop(warehouse, {surrogate_key("customer", partner): ref for partner, ref in refs.items()}, witnessed)


def surrogate_key(*parts: object) -> int:
    """The first 64 bits of the MD5 of the parts, as a signed number."""
    digest = hashlib.md5("|".join(map(str, parts)).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def cell(text: str) -> object:
    """What JSON makes of the value: an empty cell is NULL."""
    if text in ("", "true", "false"):
        return {"": None, "true": True, "false": False}[text]
    return Decimal(text) if re.fullmatch(r"-?[0-9.]+", text) else text


def complete_rfm(row: Row) -> Row:
    segments = csv.DictReader((DBT_PROJECT_FOLDER / "seeds" / "customer_segment.csv").read_text().splitlines())
    score = f"{row['recency_score']}{row['frequency_score']}{row['monetary_score']}"
    segment = row.pop("segment")
    return row | {
        "rfm_sk": surrogate_key("rfm", D, row["customer_sk"]),
        "date_sk": 20261119,
        "last_order_date": str(D - dt.timedelta(days=int(row["days_since_last_order"]))),
        "rfm_score": score,
        "rfm_composite_score": int(score),
        "rfm_segment_sk": next(int(each["segment_sk"]) for each in segments if each["segment_name"] == segment),
    }


def day_before(days: object) -> str | None:
    return None if days is None else str(D - dt.timedelta(days=int(str(days))))


def start_of_day(days: object) -> str | None:
    """In UTC, as JSON has it; Dhaka is six hours ahead."""
    return None if days is None else f"{D - dt.timedelta(days=int(str(days)) + 1)}T18:00:00"


# No journeys, surveys, loyalty programme or models in this shop.
UNKNOWN: Row = {
    "churn_risk_score": None,
    "clv_segment": None,
    "onboarding_status": None,
    "onboarding_started_at": None,
    "onboarding_completed_at": None,
    "onboarding_completion_rate": None,
    "nps_score": None,
    "nps_category": None,
    "nps_collected_at": None,
    "csat_score": None,
    "loyalty_tier": None,
    "loyalty_points": None,
    "loyalty_points_lifetime": None,
}


def recommended(row: Row) -> str:
    mapped = csv.DictReader((DBT_PROJECT_FOLDER / "seeds/lifecycle/clm_stage_map.csv").read_text().splitlines())
    return next(
        each["recommended_actions"]
        for each in mapped
        if (each["stage"], each["clm_stage"]) == (row["current_stage"], row["clm_stage"])
        and each["engagement_trend"] in ("any", row["engagement_trend"] or "stable")
    )


def complete_lifecycle(row: Row) -> Row:
    changed = row["current_stage"] != row["previous_stage"]
    subscribed = row.pop("days_since_subscription")
    derived = {
        "lifecycle_sk": surrogate_key("lifecycle", D, row["customer_sk"]),
        "date_sk": 20261119,
        "stage_changed": changed,
        "stage_changed_at": start_of_day(0) if changed else None,
        "retention_state_since_date": day_before(row.pop("days_in_retention_state")),
        "recommended_actions": recommended(row),
        "first_order_date": day_before(row.pop("days_since_first_order")),
        "last_order_date": day_before(row["days_since_last_order"]),
        "has_active_subscription": subscribed is not None,
        "subscription_count": int(subscribed is not None),
        "first_subscription_date": day_before(subscribed),
        "subscription_mrr": row.pop("subscription_mrr") or 0,
        "churned_at": start_of_day(row.pop("days_since_churned")),
        "won_back_at": start_of_day(row.pop("days_since_won_back")),
    }
    return UNKNOWN | row | derived


def complete_engagement(row: Row) -> Row:
    has_ordered = row["order_count_points"] > 0
    return row | {
        "engagement_sk": surrogate_key("engagement", D, row["customer_sk"]),
        "date_sk": 20261119,
        "loyalty_tier_points": 0,
        "nps_points": 0,
        "attainable_points": 80,
        "engagement_part": row["engagement_score"] if has_ordered else None,
        "satisfaction_part": None,
        **{name: UNKNOWN[name] for name in ("nps_score", "nps_category", "nps_collected_at", "csat_score")},
    }


def complete_tier(row: Row) -> Row:
    tiers = {name: row.pop(name) for name in ("tier", "previous_tier", "next_tier")}
    return row | {
        "customer_tier_sk": surrogate_key("customer tier", D, row["customer_sk"]),
        "date_sk": 20261119,
        "tier_change": None,
        **{f"{name}_sk": tier and surrogate_key("tier", tier) for name, tier in tiers.items()},
    }


# Columns that follow from those in the document; is_reconstructed and the keys of every mart aside.
DERIVED: dict[str, Callable[[Row], Row]] = {
    "fact_customer_rfm": complete_rfm,
    "customer_rhythm": lambda row: row,
    "fact_customer_engagement": complete_engagement,
    "customer_lifecycle": complete_lifecycle,
    "customer_tier": complete_tier,
}


# Of buyers, by what a model or heuristic foretells, not by rules that a hand can follow.
FORETOLD = ("clv_segment",)


def expected(table: str, shop: Shop) -> Iterator[tuple[str, Row]]:
    for line in TABLES[table]:
        cells = {name: cell(text) for name, text in line.items() if name}
        customer = str(cells.pop("customer"))
        yield customer, {**cells, "customer_sk": shop.sk(customer)}


@pytest.mark.parametrize("mart", DERIVED)
def test_published_rows_are_those_computed_by_hand(shop: Shop, mart: str) -> None:
    found = shop.rows(f"marts.{mart}")
    by_hand = dict(expected(mart, shop))
    assert found.keys() == by_hand.keys()
    for customer, row in by_hand.items():
        whole = DERIVED[mart]({**row, "as_of_date": str(D)})
        if "is_reconstructed" in found[customer]:
            whole["is_reconstructed"] = shop.first_witnessed > D
        for name in FORETOLD:
            if name in found[customer]:
                assert (found[customer][name] is None) == (found[customer]["total_orders"] == 0), customer
                whole[name] = found[customer][name]
        assert found[customer] == whole, customer


def test_customers_are_those_who_bought_asked_or_filled_a_cart(shop: Shop) -> None:
    found = shop.rows("star.dim_customer")
    by_hand = dict(expected("dim_customer", shop))
    assert found.keys() == by_hand.keys()
    for customer, row in by_hand.items():
        assert {name: found[customer][name] for name in row} == row, customer


def test_what_nobody_bought_counts_in_sales_alone(shop: Shop) -> None:
    with psycopg.connect(shop.warehouse) as connection:
        anonymous = connection.execute(
            "select order_name, net_amount from star.fact_sales where customer_sk is null and generation_to is null"
        ).fetchall()
    assert anonymous == [("Till/4", 999)]

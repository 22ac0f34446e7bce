"""Statements: values are bound, days count back from D, rows are those of D that are alive."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from creamery.segments import Catalogue, compile_segment
from creamery.segments.definition import Condition
from creamery.segments.vocabulary import Operator
from tests.segments.scratch import AS_OF, members, put, put_customers, put_segments, segment

HOSTILE = (
    "'; drop table star.dim_customer; --", "%s", "%(value_1)s", "%%", "{}", "{0}", '"', "\\", "\\'", "$1",
    "a' or '1'='1", "line\nbreak", "ঢাকা", "-- x", "/*", "_", "%",
)  # fmt: skip


def where(field: str, operator: str, value: object) -> dict[str, object]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", 2, [2]),
        ("neq", 2, [1, 3]),
        ("gt", 2, [3]),
        ("gte", 2, [2, 3]),
        ("lt", 2, [1]),
        ("lte", 2, [1, 2]),
        ("between", [2, 3], [2, 3]),
        ("in", [1, 3], [1, 3]),
        ("not_in", [1, 3], [2]),
        ("is_null", True, [4]),
        ("is_null", False, [1, 2, 3]),
    ],
)
def test_operators(
    tmp_path: Path,
    connection: psycopg.Connection,
    catalogue: Catalogue,
    operator: str,
    value: object,
    expected: list[int],
) -> None:
    """On 1, 2, 3 and a fourth customer without a value; `not` finds all others, the fourth among them."""
    put_customers(connection, [{"customer_sk": key, "company_id": key % 4 or None} for key in (1, 2, 3, 4)])
    plain = segment(tmp_path, catalogue, where("company_id", operator, value))
    negated = segment(tmp_path, catalogue, {"not": where("company_id", operator, value)})
    assert members(connection, plain, catalogue, AS_OF) == expected
    assert members(connection, negated, catalogue, AS_OF) == sorted({1, 2, 3, 4} - set(expected))


@pytest.mark.parametrize("city", HOSTILE)
@pytest.mark.parametrize("operator", ["eq", "in", "contains"])
def test_hostile_texts_are_values_and_nothing_else(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue, city: str, operator: str
) -> None:
    put_customers(connection, [{"customer_sk": 1, "city": city}, {"customer_sk": 2, "city": "Sylhet"}])
    value = [city] if operator == "in" else city
    definition = segment(tmp_path, catalogue, where("city", operator, value))
    harmless = segment(tmp_path, catalogue, where("city", operator, ["x"] if operator == "in" else "x"))
    statement, other = (compile_segment(each, catalogue, AS_OF) for each in (definition, harmless))
    assert statement.query.as_string() == other.query.as_string()
    assert value in statement.parameters.values()
    assert members(connection, definition, catalogue, AS_OF) == [1]


def test_contains_has_no_wildcards(tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue) -> None:
    cities = {1: "100% Dhaka", 2: "1000 Dhaka", 3: "old_town", 4: "old town"}
    put_customers(connection, [{"customer_sk": key, "city": city} for key, city in cities.items()])
    percent = segment(tmp_path, catalogue, where("city", "contains", "0% D"))
    underscore = segment(tmp_path, catalogue, where("city", "contains", "OLD_"))
    assert members(connection, percent, catalogue, AS_OF) == [1]
    assert members(connection, underscore, catalogue, AS_OF) == [3]


@pytest.mark.parametrize(
    ("span", "day", "before"),
    [
        ("0d", "2026-11-19", "2026-11-19"),
        ("30d", "2026-03-01", "2026-01-30"),
        ("9999d", "2026-11-19", "1999-07-05"),
        ("2w", "2026-01-01", "2025-12-18"),
        ("1m", "2026-03-31", "2026-02-28"),
        ("1m", "2024-03-31", "2024-02-29"),
        ("1m", "2026-01-15", "2025-12-15"),
        ("12m", "2026-12-31", "2025-12-31"),
        ("3m", "2026-05-31", "2026-02-28"),
        ("1y", "2024-02-29", "2023-02-28"),
        ("4y", "2024-02-29", "2020-02-29"),
    ],
)
def test_relative_days(tmp_path: Path, catalogue: Catalogue, span: str, day: str, before: str) -> None:
    definition = segment(tmp_path, catalogue, where("last_order_date", "gte", f"-{span}"))
    statement = compile_segment(definition, catalogue, dt.date.fromisoformat(day))
    bound = {"as_of_date": dt.date.fromisoformat(day), "value_1": dt.date.fromisoformat(before)}
    assert statement.parameters == bound | {"generation": None}


@pytest.mark.parametrize(
    ("span", "first"), [("1d", "2026-11-19"), ("30d", "2026-10-21"), ("1m", "2026-10-20"), ("1y", "2025-11-20")]
)
def test_within_last_ends_with_d(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue, span: str, first: str
) -> None:
    """A span of n days is n days: D is the last, and D less n is out."""
    first_day = dt.date.fromisoformat(first)
    days = {1: first_day - dt.timedelta(1), 2: first_day, 3: AS_OF, 4: AS_OF + dt.timedelta(1), 5: None}
    put_customers(connection, [{"customer_sk": key} for key in days])
    put(
        connection,
        "marts.fact_customer_rfm",
        [{"customer_sk": key, "as_of_date": AS_OF, "last_order_date": day} for key, day in days.items()],
    )
    definition = segment(tmp_path, catalogue, where("last_order_date", "within_last", span))
    assert members(connection, definition, catalogue, AS_OF) == [2, 3]


def test_only_living_rows_of_the_day_count(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue
) -> None:
    earlier = AS_OF - dt.timedelta(1)
    put_segments(connection)
    put_customers(
        connection,
        [
            {"customer_sk": 1, "generation_from": 2},
            {"customer_sk": 1, "generation_from": 1, "generation_to": 2},
            {"customer_sk": 2, "generation_from": 1, "generation_to": 2},  # gone
            {"customer_sk": 3, "generation_from": 1},
        ],
        [AS_OF, earlier],
    )
    put(
        connection,
        "marts.fact_customer_rfm",
        [
            {"customer_sk": 1, "as_of_date": AS_OF, "rfm_segment_sk": 1},
            {"customer_sk": 1, "as_of_date": earlier, "rfm_segment_sk": 1},
            {"customer_sk": 2, "as_of_date": AS_OF, "rfm_segment_sk": 1},
            {"customer_sk": 3, "as_of_date": AS_OF, "rfm_segment_sk": 1, "generation_to": 2},
            {"customer_sk": 3, "as_of_date": AS_OF, "rfm_segment_sk": 8},
            {"customer_sk": 3, "as_of_date": earlier, "rfm_segment_sk": 1},
        ],
    )
    champions = segment(tmp_path, catalogue, where("rfm_segment", "eq", "Champions"))
    assert members(connection, champions, catalogue, AS_OF) == [1]
    assert members(connection, champions, catalogue, earlier) == [1, 3]


def test_a_customer_is_what_it_was_on_the_day(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue
) -> None:
    earlier = AS_OF - dt.timedelta(1)
    moved = [
        {"customer_sk": 1, "city": "Sylhet", "valid_to_date": earlier},
        {"customer_sk": 1, "city": "Dhaka", "valid_from_date": AS_OF},
    ]
    put_customers(connection, moved, [AS_OF, earlier])
    for city, day, expected in (("Dhaka", AS_OF, [1]), ("Dhaka", earlier, []), ("Sylhet", earlier, [1])):
        definition = segment(tmp_path, catalogue, where("city", "eq", city))
        assert members(connection, definition, catalogue, day) == expected


def test_who_came_after_the_day_is_in_no_segment_of_it(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue
) -> None:
    """Not by what it has no value for, nor by what it is not, nor by its id; the extraction has seen it already."""
    old, newcomer = {"customer_sk": 1, "customer_id": 1}, {"customer_sk": 2, "customer_id": 2}
    put_customers(connection, [old])
    put_customers(connection, [newcomer], [AS_OF + dt.timedelta(1)])
    never_bought = where("last_order_date", "is_null", True)
    for rule in (never_bought, {"not": where("is_company", "eq", True)}, {"not": {"not": never_bought}}):
        definition = segment(tmp_path, catalogue, rule)
        assert members(connection, definition, catalogue, AS_OF) == [1]
    listed = segment(tmp_path, catalogue, None, type="static", customer_ids=[1, 2])
    assert members(connection, listed, catalogue, AS_OF) == [1]
    assert members(connection, listed, catalogue, AS_OF + dt.timedelta(1)) == [2]


@pytest.mark.parametrize(
    ("field", "since"),
    [
        ("has_bought", "first_sale_date"),
        ("has_cart", "first_cart_date"),
        ("is_lead", "first_lead_date"),
        ("has_loyalty_card", "first_card_date"),
    ],
)
def test_what_a_customer_became_after_the_day_it_was_not(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue, field: str, since: str
) -> None:
    """1 on D; 2 after it; 3 on a day that nobody knows; 4 had a cart, say, and has none any more; 5 never."""
    next_day = AS_OF + dt.timedelta(1)
    days = {1: AS_OF, 2: next_day, 3: None, 4: AS_OF, 5: None}
    put_customers(connection, [{"customer_sk": key, field: key <= 3} for key in days], [AS_OF, next_day])
    put(
        connection,
        "star.customer_arrival",
        [
            {"customer_sk": 2, since: AS_OF, "generation_to": 2},
            *({"customer_sk": key, since: day} for key, day in days.items()),
        ],
    )
    for rule, expected in (
        (where(field, "eq", True), [1, 3]),
        (where(field, "eq", False), [2, 4, 5]),
        ({"not": where(field, "eq", True)}, [2, 4, 5]),
        (where(field, "is_null", True), []),
    ):
        assert members(connection, segment(tmp_path, catalogue, rule), catalogue, AS_OF) == expected
    later = segment(tmp_path, catalogue, where(field, "eq", True))
    assert members(connection, later, catalogue, next_day) == [1, 2, 3]


def test_what_stands_for_unknown_is_no_value(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue
) -> None:
    countries = {1: "BD", 2: "ZZ", 3: "IN"}
    put_customers(connection, [{"customer_sk": key, "country_code": code} for key, code in countries.items()])
    for operator, value, expected in (("neq", "BD", [3]), ("is_null", True, [2]), ("not_in", ["IN"], [1])):
        definition = segment(tmp_path, catalogue, where("country", operator, value))
        assert members(connection, definition, catalogue, AS_OF) == expected
    abroad = segment(tmp_path, catalogue, {"not": where("country", "eq", "bd")})
    assert members(connection, abroad, catalogue, AS_OF) == [2, 3]


def test_a_static_segment_lists_customers_of_odoo(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue
) -> None:
    rows = [{"customer_sk": 100 + number, "customer_id": number} for number in (1, 2, 3)]
    put_customers(connection, [*rows, {"customer_sk": 104, "customer_id": 4, "generation_to": 2}])
    staff = segment(tmp_path, catalogue, None, type="static", customer_ids=[3, 1, 3, 4, 2**31 - 1])
    assert members(connection, staff, catalogue, AS_OF) == [101, 103]


def test_lists_of_any_size_and_large_numbers(
    tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue
) -> None:
    """More values than a statement may have parameters; numbers that no column could hold."""
    put_customers(connection, [{"customer_sk": 1, "company_id": 70_000, "city": "c69999"}])
    anything = segment(tmp_path, catalogue, where("city", "eq", "c69999"))
    for rule in (
        Condition("company_id", Operator.IN, (*range(70_001), 2**40)),
        Condition("company_id", Operator.LT, 10**17),
        Condition("city", Operator.IN, tuple(f"C{number}" for number in range(70_000))),
    ):
        assert members(connection, replace(anything, rule=rule), catalogue, AS_OF) == [1]

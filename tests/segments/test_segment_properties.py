"""Any tree over any rows: the statement finds whom a plain reading of the definition finds, among those of the day."""

import datetime as dt
import operator as python
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creamery.segments import Catalogue
from tests.segments.scratch import SEGMENTS, TIERS, members, put, put_names, put_segments, segment

Tree = Mapping[str, Any]
Customer = Mapping[str, Any]  # field to value, None where there is none
Population = tuple[dt.date, list[Customer]]
Find = Callable[..., list[list[int]]]

DAYS = [dt.date(2026, 11, 19), dt.date(2024, 2, 29), dt.date(2026, 3, 31)]
SPANS = ["0d", "1d", "4w", "30d", "1m", "3m", "1y"]
NUMBERS = ("eq", "=", "neq", "!=", "<>", "gt", ">", "gte", ">=", "lt", "<", "lte", "<=", "between", "in", "not_in")
TEXTS = ("eq", "==", "neq", "in", "not_in", "contains")
CHOICES = ("eq", "neq", "in", "not_in")
# Field: its table, column, operators, and values that meet and miss each other.
FIELDS: dict[str, tuple[str, str, tuple[str, ...], list[Any]]] = {
    "days_since_last_order": ("rfm", "days_since_last_order", NUMBERS, [0, 1, 59, 60, 400]),
    "total_spend_365_days": ("rfm", "total_spend_365_days", NUMBERS, [-10.5, 0, 0.01, 99.99, 100]),
    "last_order_date": ("rfm", "last_order_date", (*NUMBERS, "within_last"), SPANS),
    "rfm_segment_changed": ("rfm", "segment_changed", ("eq", "neq"), [True, False]),
    "rfm_segment": ("rfm", "rfm_segment_sk", CHOICES, list(SEGMENTS.values())),
    "mean_gap_days": ("rhythm", "mean_gap_days", NUMBERS, [2.5, 7, 7.01]),
    "lifecycle_stage": ("lifecycle", "current_stage", CHOICES, ["acquired", "active", "at_risk"]),
    "engagement_score": ("engagement", "engagement_score", NUMBERS, [0, 39, 40, 100]),
    "engagement_trend": ("engagement", "engagement_trend", CHOICES, ["increasing", "stable", "decreasing"]),
    "customer_tier": ("tier", "tier_sk", CHOICES, list(TIERS.values())),
    "value_segment": ("value", "value_segment", CHOICES, ["high", "medium", "low"]),
    "city": ("customer", "city", TEXTS, ["Dhaka", "DHAKA", "dhaka north", "100%", "_", "a\\b", "Sylhet"]),
    "country": ("customer", "country_code", TEXTS, ["BD", "IN", "bd"]),
    "company_id": ("customer", "company_id", NUMBERS, [1, 2, 3]),
    "is_company": ("customer", "is_company", ("eq", "neq"), [True, False]),
}
TABLES = {
    "rfm": "marts.fact_customer_rfm",
    "rhythm": "marts.customer_rhythm",
    "lifecycle": "marts.customer_lifecycle",
    "engagement": "marts.fact_customer_engagement",
    "tier": "marts.customer_tier",
    "value": "marts.customer_value_segment",
    "customer": "star.dim_customer",
}
# Names that lie in a dimension, by its key.
DIMENSIONS = {"rfm_segment": SEGMENTS, "customer_tier": TIERS}
MISSING = {"country": "ZZ", "city": ""}


def back(day: dt.date, span: str) -> dt.date:
    unit = {"d": "days", "w": "weeks", "m": "months", "y": "years"}[span[-1]]
    earlier: dt.date = day - relativedelta(**{unit: int(span[:-1])})
    return earlier


# A reading of its own: of the document, not of the parsed tree.
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": python.eq, "=": python.eq, "==": python.eq, "neq": python.ne, "!=": python.ne, "<>": python.ne,
    "gt": python.gt, ">": python.gt, "gte": python.ge, ">=": python.ge, "lt": python.lt, "<": python.lt,
    "lte": python.le, "<=": python.le, "in": lambda value, given: value in given,
    "not_in": lambda value, given: value not in given, "between": lambda value, given: given[0] <= value <= given[1],
    "contains": lambda value, given: given in value,
}  # fmt: skip


def of_day(customers: list[Customer]) -> list[int]:
    """The numbers of those who were customers on the day: who has a stage."""
    return [number for number, customer in enumerate(customers) if "lifecycle" not in customer["without"]]


def matches(tree: Tree, customer: Customer, day: dt.date) -> bool:
    if "all" in tree:
        return all(matches(member, customer, day) for member in tree["all"])
    if "any" in tree:
        return any(matches(member, customer, day) for member in tree["any"])
    if "not" in tree:
        return not matches(tree["not"], customer, day)
    value, operator, given = customer[tree["field"]], tree["operator"], tree["value"]
    if operator == "is_null":
        return given is (value is None)
    if value is None:
        return False
    if operator == "within_last":
        return back(day, given) < value <= day
    return COMPARISONS[operator](comparable(value, day), comparable(given, day))


def comparable(value: Any, day: dt.date) -> Any:
    if isinstance(value, list):
        return [comparable(item, day) for item in value]
    if isinstance(value, str):
        return back(day, value[1:]) if value[:1] == "-" else value.lower()
    return value


@st.composite
def conditions(draw: st.DrawFn) -> Tree:
    field = draw(st.sampled_from(list(FIELDS)))
    _, _, operators, pool = FIELDS[field]
    operator = draw(st.sampled_from((*operators, "is_null")))
    # Days before D, from the earliest on: like the other pools, in order.
    values = [f"-{span}" for span in reversed(pool)] if pool is SPANS else pool
    if operator == "is_null":
        given: Any = draw(st.booleans())
    elif operator == "within_last":
        given = draw(st.sampled_from(SPANS[1:]))
    elif operator == "between":
        given = [values[index] for index in sorted(draw(st.tuples(*[st.integers(0, len(values) - 1)] * 2)))]
    elif operator in ("in", "not_in"):
        given = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))
    else:
        given = draw(st.sampled_from(values))
    return {"field": field, "operator": operator, "value": given}


def trees(depth: int = 4) -> st.SearchStrategy[Tree]:
    if depth == 0:
        return conditions()
    inner = st.deferred(lambda: trees(depth - 1))
    groups = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        conditions(),
        st.builds(lambda several: {"all": several}, groups),
        st.builds(lambda several: {"any": several}, groups),
        st.builds(lambda one: {"not": one}, inner),
    )


@st.composite
def populations(draw: st.DrawFn) -> Population:
    """A day, and customers of whom some have no facts on it."""
    day = draw(st.sampled_from(DAYS))
    customers: list[Customer] = []
    for _ in range(draw(st.integers(2, 6))):
        without = draw(st.sets(st.sampled_from([table for table in TABLES if table != "customer"])))
        customer: dict[str, Any] = {}
        for field, (table, _, _, pool) in FIELDS.items():
            value = draw(st.sampled_from([None, *pool]))
            if field == "last_order_date" and value:
                value = back(day, value) + dt.timedelta(draw(st.integers(-1, 1)))
            customer[field] = None if table in without else value
        customers.append({**customer, "without": without})
    return day, customers


def store(connection: psycopg.Connection, day: dt.date, customers: list[Customer]) -> None:
    """The rows of the day; beside each, another customer's values in a row that is not alive or of another day."""
    put_segments(connection)
    put_names(connection, "star.dim_customer_tier", ("tier_sk", "tier_name"), TIERS)
    for short, table in TABLES.items():
        of_day = {} if short == "customer" else {"as_of_date": day}
        rows = []
        for number, customer in enumerate(customers):
            if short not in customer["without"]:
                rows.append({"customer_sk": number, **of_day, **columns(customer, short)})
            decoy = {"customer_sk": number, **columns(customers[number - 1], short)}
            rows.append({**decoy, **of_day, "generation_to": 2})
            if of_day:
                rows.append({**decoy, "as_of_date": day - dt.timedelta(1)})
        put(connection, table, rows)


def columns(customer: Customer, short: str) -> dict[str, Any]:
    """What one table holds of a customer, in its own terms."""
    held = {column: (field, customer[field]) for field, (table, column, _, _) in FIELDS.items() if table == short}
    return {
        column: MISSING.get(field) if value is None else key_of(field, value) for column, (field, value) in held.items()
    }


def key_of(field: str, value: Any) -> Any:
    """The key where a dimension holds the name, else the value itself."""
    return next((key for key, name in DIMENSIONS.get(field, {}).items() if name == value), value)


examples = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def found(tmp_path: Path, connection: psycopg.Connection, catalogue: Catalogue) -> Find:
    """A function: for each tree the numbers of the customers whom PostgreSQL finds."""

    def find(population: Population, *of: Tree) -> list[list[int]]:
        day, customers = population
        with connection.transaction(force_rollback=True):
            store(connection, day, customers)
            return [members(connection, segment(tmp_path, catalogue, tree), catalogue, day) for tree in of]

    return find


@examples
@given(population=populations(), tree=trees())
def test_the_statement_means_what_the_definition_says(found: Find, population: Population, tree: Tree) -> None:
    day, customers = population
    expected = [number for number in of_day(customers) if matches(tree, customers[number], day)]
    assert found(population, tree) == [expected]


@settings(examples, max_examples=75)
@given(population=populations(), one=trees(3), other=trees(3))
def test_laws(found: Find, population: Population, one: Tree, other: Tree) -> None:
    """Complement, commutation, De Morgan; each against the statement alone."""
    everybody = of_day(population[1])
    is_one, is_not, both, turned, either, turned_either, none = found(
        population,
        one,
        {"not": one},
        {"all": [one, other]},
        {"all": [other, one]},
        {"any": [one, other]},
        {"any": [other, one]},
        {"all": [{"not": one}, {"not": other}]},
    )
    assert sorted(is_one + is_not) == everybody
    assert both == turned
    assert either == turned_either
    assert sorted(either + none) == everybody

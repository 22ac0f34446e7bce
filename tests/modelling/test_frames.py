"""Frames come out of and go into the warehouse as they are."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from creamery.modelling import frames
from creamery.modelling.frames import EVERYBODY, KeyRange

DAY = date(2026, 11, 19)
TABLE = sql.Identifier("measures")
KEYS = st.integers(EVERYBODY.first, EVERYBODY.last)


@pytest.fixture(scope="module")
def database(new_database: Callable[..., str]) -> str:
    return new_database("frames")


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    """With an empty table `measures` that is gone afterwards."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "create table measures (as_of_date date not null, customer_sk bigint not null, note text, is_new boolean,"
            " first_date date, order_count integer, amount double precision)"
        )
        yield connection
        connection.rollback()


def test_rows_come_back_as_they_went_in(connection: psycopg.Connection) -> None:
    rows = pd.DataFrame(
        {
            "customer_sk": [EVERYBODY.first, -1, 7, 8, EVERYBODY.last],
            "note": ['says "hi", twice', None, "NULL", "", "ümlaut, NaN"],
            "is_new": [True, False, None, True, False],
            "first_date": [date(2024, 2, 29), None, date(1999, 12, 31), DAY, DAY],
            "amount": [0.1 + 0.2, np.nan, -1e-300, 1e15, 3.0],
        }
    )
    assert frames.append(connection, TABLE, rows.assign(as_of_date=DAY)) == 5
    stored = connection.execute("select note, is_new, first_date, amount from measures order by customer_sk").fetchall()
    assert stored == [
        ('says "hi", twice', True, date(2024, 2, 29), 0.1 + 0.2),
        (None, False, None, None),
        ("NULL", None, date(1999, 12, 31), -1e-300),
        ("", True, DAY, 1e15),
        ("ümlaut, NaN", False, DAY, 3.0),
    ]
    back = frames.read(connection, TABLE, DAY)
    for name in ("customer_sk", "amount"):
        np.testing.assert_array_equal(back[name], rows[name])
    texts = back[["note", "is_new", "first_date"]].astype(object)
    expected = [row[:3] for row in stored]
    assert [tuple(row) for row in texts.where(texts.notna(), None).to_numpy()] == expected


def test_a_column_without_values_is_one_of_nan(connection: psycopg.Connection) -> None:
    frames.append(connection, TABLE, pd.DataFrame({"as_of_date": [DAY, DAY], "customer_sk": [1, 2]}))
    back = frames.read(connection, TABLE, DAY)
    assert (back["order_count"].dtype, back["amount"].isna().all()) == (np.float64, True)


def test_of_no_rows_there_is_an_empty_frame(connection: psycopg.Connection) -> None:
    empty = frames.read(connection, TABLE, DAY)
    assert list(empty) == ["as_of_date", "customer_sk", "note", "is_new", "first_date", "order_count", "amount"]
    assert empty.empty
    assert frames.append(connection, TABLE, empty) == 0
    assert frames.count_rows(connection, TABLE, DAY) == 0
    assert list(frames.days_of(connection, TABLE)) == []


def test_a_frame_is_of_its_day_and_keys_in_their_order(connection: psycopg.Connection) -> None:
    other = date(2026, 11, 18)
    rows = pd.DataFrame({"as_of_date": [DAY, DAY, DAY, other], "customer_sk": [9, 3, 5, 4]})
    frames.append(connection, TABLE, rows)
    assert frames.read(connection, TABLE, DAY)["customer_sk"].tolist() == [3, 5, 9]
    assert frames.read(connection, TABLE, DAY, KeyRange(3, 5))["customer_sk"].tolist() == [3, 5]
    assert frames.count_rows(connection, TABLE, DAY) == 3
    assert list(frames.days_of(connection, TABLE)) == [other, DAY]


@given(st.integers(0, 10**9), st.integers(1, 10**6), KEYS)
def test_chunks_are_a_partition_of_all_keys(rows: int, chunk_rows: int, key: int) -> None:
    ranges = frames.chunk_ranges(rows % 5_000, chunk_rows)
    assert (ranges[0].first, ranges[-1].last) == (EVERYBODY.first, EVERYBODY.last)
    assert all(before.last + 1 == after.first for before, after in pairwise(ranges))
    assert sum(each.first <= key <= each.last for each in ranges) == 1


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_sample_is_its_share_of_the_keys(rows: int, wanted: int) -> None:
    keys = frames.sample_range(rows, wanted)
    share = (keys.last - keys.first + 1) / 2**64
    assert share == pytest.approx(min(1, wanted / max(rows, 1)))
    assert keys.first == EVERYBODY.first  # a larger sample holds the smaller one

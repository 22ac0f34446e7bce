"""Frames out of and into the warehouse by COPY, a chunk of customers at a time: memory does not grow with the shop."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as arrow_csv
from psycopg import sql

_CHUNK_ROWS = 200_000
_BATCH_ROWS = 5_000
# Surrogate keys are uniform over 64 bits, so a range of them is a random sample that stays the same.
_LOWEST_KEY, _KEYS = -(2**63), 2**64


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Customers with first <= customer_sk <= last."""

    first: int
    last: int


EVERYBODY = KeyRange(_LOWEST_KEY, _LOWEST_KEY + _KEYS - 1)


def sample_range(row_count: int, wanted_rows: int) -> KeyRange:
    """A range of keys that holds about `wanted_rows` of `row_count`."""
    share = min(1.0, wanted_rows / max(row_count, 1))
    return KeyRange(EVERYBODY.first, _LOWEST_KEY + int(share * _KEYS) - 1)


def chunk_ranges(row_count: int, chunk_rows: int = _CHUNK_ROWS) -> list[KeyRange]:
    """Ranges that together hold everybody, of about `chunk_rows` each."""
    count = max(1, -(-row_count // chunk_rows))
    bounds = [_LOWEST_KEY + number * _KEYS // count for number in range(count + 1)]
    return [KeyRange(first, following - 1) for first, following in pairwise(bounds)]


def count_rows(connection: psycopg.Connection, table: sql.Identifier, day: date) -> int:
    """Rows of the day."""
    query = sql.SQL("select count(*) from {} where as_of_date = %s").format(table)
    row = connection.execute(query, (day,)).fetchone()
    return int(row[0]) if row else 0


def read(connection: psycopg.Connection, table: sql.Identifier, day: date, keys: KeyRange = EVERYBODY) -> pd.DataFrame:
    """Rows of the day whose customer_sk lies in the range, ordered by it; a column of NULLs alone is one of NaN."""
    query = sql.SQL(
        "copy (select * from {table} where as_of_date = {day} and customer_sk between {first} and {last}"
        " order by customer_sk) to stdout (format csv, header)"
    ).format(table=table, day=sql.Literal(day), first=sql.Literal(keys.first), last=sql.Literal(keys.last))
    buffer = io.BytesIO()
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            buffer.write(block)
    buffer.seek(0)
    # PostgreSQL writes booleans as t and f, NULL as nothing, and an empty text as "".
    options = arrow_csv.ConvertOptions(
        true_values=["t"],
        false_values=["f"],
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    rows = arrow_csv.read_csv(buffer, convert_options=options)
    # A column of NULLs alone has no type of its own.
    nulls = [field.name for field in rows.schema if pa.types.is_null(field.type)]
    frame: pd.DataFrame = rows.to_pandas()
    return frame.astype(dict.fromkeys(nulls, "float64"))


def append(connection: psycopg.Connection, table: sql.Identifier, frame: pd.DataFrame) -> int:
    """COPY the frame's rows into the columns of the same names; their number."""
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    query = sql.SQL("copy {} ({}) from stdin (format csv)").format(table, columns)
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        # The server stores one batch while the next is written as text.
        for batch in rows.to_batches(_BATCH_ROWS):
            buffer = io.BytesIO()
            arrow_csv.write_csv(batch, buffer, arrow_csv.WriteOptions(include_header=False))
            copy.write(buffer.getvalue())
    return len(frame)


def days_of(connection: psycopg.Connection, table: sql.Identifier) -> Iterator[date]:
    """The as-of days that a table has rows of, oldest first."""
    query = sql.SQL("select distinct as_of_date from {} order by 1").format(table)
    return (day for (day,) in connection.execute(query).fetchall())

"""Writing scores: a frame by our COPY, against COPY of the same rows as a file that lies ready."""

import datetime as dt
import io
import time

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql
from pyarrow import Table
from pyarrow import csv as arrow_csv

from creamery.modelling import frames

_TABLE = sql.Identifier("public", "bench_scores")
_COLUMNS = """
    as_of_date date not null, customer_sk bigint not null, model_version text not null,
    probability_alive double precision, expected_purchases_365 double precision, value_per_purchase double precision,
    predicted_clv_1_year double precision not null, clv_p10 double precision, clv_p90 double precision
"""


def ratio(dsn: str, rows: int) -> float:
    """Rows a second of frames.append over those of the ready file."""
    frame = _scores(rows)
    ready = io.BytesIO()
    options = arrow_csv.WriteOptions(include_header=False)
    arrow_csv.write_csv(Table.from_pandas(frame, preserve_index=False), ready, options)
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("create table {} ({})").format(_TABLE, sql.SQL(_COLUMNS)))  # type: ignore[arg-type]
        started = time.perf_counter()
        with connection.cursor().copy(sql.SQL("copy {} from stdin (format csv)").format(_TABLE)) as copy:
            copy.write(ready.getvalue())
        copied = time.perf_counter() - started
        connection.execute(sql.SQL("truncate {}").format(_TABLE))
        started = time.perf_counter()
        frames.append(connection, _TABLE, frame)
        return copied / (time.perf_counter() - started)


def _scores(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"as_of_date": dt.date(2026, 11, 19), "customer_sk": np.arange(rows)})
    measures = ("probability_alive", "expected_purchases_365", "value_per_purchase", "predicted_clv_1_year")
    return frame.assign(
        model_version="bg_nbd 2026-11-19", **{name: random.random(rows) for name in (*measures, "clv_p10", "clv_p90")}
    )

"""The tables that segments read, in the shape that their models declare, and rows to put into them."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import psycopg
import yaml

from creamery.segments import Catalogue, SegmentDefinition, compile_segment
from creamery.segments.definition import load_segment

ROOT = Path(__file__).resolve().parents[2]
AS_OF = dt.date(2026, 11, 19)
SEGMENTS = {1: "Champions", 8: "At Risk", 11: "Lost"}
TIERS = {21: "Standard", 22: "Gold"}
Row = Mapping[str, object]
DEFAULTS: dict[str, Row] = {"star.dim_customer": {"valid_from_date": "1990-01-01", "valid_to_date": "9999-12-31"}}


@cache
def declared_columns(table: str) -> dict[str, str]:
    """Column to data type of a model, from its YAML."""
    for layer in ("star", "marts"):
        for file in (ROOT / "dbt_project" / "models" / layer).rglob("_models.yml"):
            for model in yaml.safe_load(file.read_text())["models"]:
                if model["name"] == table:
                    return {column["name"]: column["data_type"] for column in model["columns"]}
    raise LookupError(table)


def create_tables(connection: psycopg.Connection, catalogue: Catalogue) -> None:
    for relation in catalogue.relations.values():
        columns = declared_columns(relation.table) | {"generation_from": "bigint", "generation_to": "bigint"}
        definitions = ", ".join(f'"{name}" {data_type}' for name, data_type in columns.items())
        connection.execute(f"create table {relation.schema}.{relation.table} ({definitions})".encode())


def put(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add rows; columns that neither a row nor DEFAULTS name are NULL."""
    rows = [{**DEFAULTS.get(table, {}), **row} for row in rows]
    connection.execute(
        f"insert into {table} select * from jsonb_populate_recordset(null::{table}, %s)".encode(),
        (json.dumps(rows, default=str),),
    )


def put_customers(connection: psycopg.Connection, rows: Iterable[Row], days: Iterable[dt.date] = (AS_OF,)) -> None:
    """Rows of star.dim_customer, of customers who were so by each of the days."""
    rows = list(rows)
    put(connection, "star.dim_customer", rows)
    keys = sorted({row["customer_sk"] for row in rows}, key=str)
    lifecycle = [{"customer_sk": key, "as_of_date": day} for key in keys for day in days]
    put(connection, "marts.customer_lifecycle", lifecycle)


def put_segments(connection: psycopg.Connection) -> None:
    """The dimension with three segments, and an older version of each that is not alive."""
    put_names(connection, "star.dim_customer_segment", ("segment_sk", "segment_name"), SEGMENTS)


def put_names(connection: psycopg.Connection, table: str, columns: tuple[str, str], names: Mapping[int, str]) -> None:
    """Names by key into a dimension, and an older version of each that is not alive."""
    key_column, name_column = columns
    rows: list[Row] = []
    for key, name in names.items():
        rows.append({key_column: key, name_column: "Hibernating", "generation_from": 1, "generation_to": 2})
        rows.append({key_column: key, name_column: name, "generation_from": 2})
    put(connection, table, rows)


def segment(folder: Path, catalogue: Catalogue, conditions: object, **other: object) -> SegmentDefinition:
    """The definition with these conditions, by way of a file: JSON is YAML."""
    head = {"name": "subject", "title": "Subject", "description": "Of a test.", "type": "dynamic"} | other
    rule = {} if "customer_ids" in other else {"conditions": conditions}
    file = folder / f"{head['name']}.yaml"
    file.write_text(json.dumps(head | rule))
    return load_segment(file, catalogue)


def members(
    connection: psycopg.Connection, definition: SegmentDefinition, catalogue: Catalogue, day: dt.date
) -> list[int]:
    """Keys of the customers who match, sorted; a customer that comes twice is there twice."""
    statement = compile_segment(definition, catalogue, day)
    return sorted(row[0] for row in connection.execute(statement.query, statement.parameters))

"""Lists for marketers: one CSV with its manifest per campaign and day.

Files appear whole or not at all (written beside, then renamed) and only their owner may read them: they hold
contact data.
"""

import csv
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

import psycopg
from psycopg import sql

from creamery.errors import WarehouseError

# A spreadsheet takes a text that starts so for a formula; an apostrophe makes it a text again.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """Which audience goes into a campaign's list, and which of its columns."""

    campaign: str
    audience: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportedList:
    """A list as it lies on disk."""

    campaign: str
    path: Path
    rows: int
    sha256: str


WIN_BACK = ListDefinition(
    campaign="win_back",
    audience="audience_win_back",
    columns=(
        "customer_code",
        "customer_name",
        "email",
        "rfm_segment",
        "last_order_date",
        "days_since_last_order",
        "order_count_365_days",
        "total_spend_365_days",
    ),
)
LISTS = (WIN_BACK,)


def export_list(
    connection: psycopg.Connection, definition: ListDefinition, as_of_date: date, folder: Path
) -> ExportedList:
    """Write <folder>/<database>/<campaign>/<day>/<campaign>.csv and manifest.json; a re-run replaces both."""
    outcomes = _count_outcomes(connection, definition, as_of_date)
    target = folder / connection.info.dbname / definition.campaign / str(as_of_date)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = target / f"{definition.campaign}.csv"
    rows, sha256 = _write_rows(connection, definition, as_of_date, path)
    if rows != outcomes.get("handed over", 0):
        raise WarehouseError(
            f"Campaign {definition.campaign} of {as_of_date}: {rows} rows written, but the audience says {outcomes}. "
            "The audience changed meanwhile; clear the task to write the list again."
        )
    manifest = {
        "campaign": definition.campaign,
        "as_of_date": str(as_of_date),
        "file": path.name,
        "rows": rows,
        "columns": list(definition.columns),
        "sha256": sha256,
        "reporting_currency": _reporting_currency(connection),
        "audience": {"in_reach": sum(outcomes.values()), "by_outcome": outcomes},
    }
    _write_whole(target / "manifest.json", json.dumps(manifest, indent=2) + "\n")
    return ExportedList(definition.campaign, path, rows, sha256)


def record_export(connection: psycopg.Connection, as_of_date: date, exported: ExportedList) -> None:
    """Note the list in ops.exported_list; the newest export of a campaign's day stands."""
    connection.execute(
        "insert into ops.exported_list (campaign, as_of_date, file_path, row_count, sha256)"
        " values (%s, %s, %s, %s, %s)"
        " on conflict (campaign, as_of_date) do update set file_path = excluded.file_path,"
        " row_count = excluded.row_count, sha256 = excluded.sha256, exported_at = now()",
        (exported.campaign, as_of_date, str(exported.path), exported.rows, exported.sha256),
    )
    connection.commit()


def _count_outcomes(connection: psycopg.Connection, definition: ListDefinition, as_of_date: date) -> dict[str, int]:
    counted = connection.execute(
        sql.SQL("select outcome, count(*) from {} where as_of_date = %s group by outcome order by 2 desc, 1").format(
            sql.Identifier("audiences", definition.audience)
        ),
        (as_of_date,),
    ).fetchall()
    return {outcome: int(count) for outcome, count in counted}


def _write_rows(
    connection: psycopg.Connection, definition: ListDefinition, as_of_date: date, path: Path
) -> tuple[int, str]:
    query = sql.SQL("select {} from {} where as_of_date = %s and outcome = 'handed over' order by 1").format(
        sql.SQL(", ").join(map(sql.Identifier, definition.columns)),
        sql.Identifier("audiences", definition.audience),
    )
    partial = path.with_suffix(".partial")
    count = 0
    with connection.cursor(name="exported_list") as cursor, _private_file(partial) as file:
        writer = csv.writer(file)
        writer.writerow(definition.columns)
        for row in cursor.execute(query, (as_of_date,)):
            writer.writerow([neutralise(value) for value in row])
            count += 1
    digest = _sha256(partial)
    partial.replace(path)
    return count, digest


def neutralise(value: object) -> object:
    """Texts that a spreadsheet would run as a formula, made plain; everything else as it is."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    with _private_file(partial) as file:
        file.write(text)
    partial.replace(path)


def _private_file(path: Path) -> TextIO:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="", encoding="utf-8")


def _reporting_currency(connection: psycopg.Connection) -> str | None:
    row = connection.execute("select reporting_currency from ops.warehouse").fetchone()
    return row[0] if row else None

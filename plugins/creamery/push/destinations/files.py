"""Lists for marketers: CSV, Excel and a manifest per list and day, with the merge data that messages need.

A manifest is written last and taken away first: where there is one, the files beside it are whole and belong together.
Files need no approval: nothing is sent by them, and a day's files are replaced whole.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

from creamery.errors import WarehouseError
from creamery.push.export_folder import PARTIAL, ExportFolder, days_of
from creamery.push.formats import FORMATS, Writers

_MANIFEST = "manifest.json"
_MEMBER_COLUMNS = ("customer_code", "customer_name", "partner_id", "address", "offer_code")
_ADDRESS_HEADINGS = {"email": "email", "sms": "phone"}
_LIST_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """A row of audiences.list_definition."""

    list_name: str
    kind: str
    campaign_name: str | None
    step: int | None
    channel: str
    is_service: bool
    title: str | None


@dataclass(frozen=True, slots=True)
class ExportedList:
    """A list as it lies in the folder; `address` and `sha256` are of its CSV."""

    list_name: str
    address: str
    rows: int
    sha256: str


def definitions(connection: psycopg.Connection) -> list[ListDefinition]:
    """Every list there is, empty ones too."""
    rows = connection.execute(
        "select list_name, kind, campaign_name, step, channel, is_service, title from audiences.list_definition"
        " order by list_name"
    ).fetchall()
    connection.commit()
    return [ListDefinition(*row) for row in rows]


def export_list(
    connection: psycopg.Connection, definition: ListDefinition, as_of_date: date, folder: ExportFolder
) -> ExportedList:
    """Write <warehouse>/<list>/<day>/<list>.csv, .xlsx and manifest.json; a re-run replaces them.

    WarehouseError where members and outcomes do not add up, or the list has a name that no file can have.
    """
    name = definition.list_name
    if not _LIST_NAME.fullmatch(name):
        raise WarehouseError(f"List {name!r} cannot name a file. Use small letters, digits and underscores.")
    home = PurePosixPath(connection.info.dbname, name, str(as_of_date))
    with _one_moment(connection):
        outcomes = _count(connection, "outcome", definition, as_of_date)
        consent_rules = _count(connection, "consent_rule", definition, as_of_date)
        keys = _merge_keys(connection, definition, as_of_date)
        about = {
            "list": name,
            "title": definition.title,
            "kind": definition.kind,
            "campaign": definition.campaign_name,
            "step": definition.step,
            "channel": definition.channel,
            "is_service": definition.is_service,
            "as_of_date": str(as_of_date),
            "reporting_currency": _reporting_currency(connection),
            "audience": {"in_reach": sum(outcomes.values()), "by_outcome": outcomes, "by_consent_rule": consent_rules},
        }
        return write_table(
            folder,
            home,
            name,
            _columns(definition, keys),
            _member_rows(connection, definition, as_of_date, keys),
            about,
            lambda rows: _require_agreement(definition, as_of_date, rows, outcomes),
        )


def write_table(
    folder: ExportFolder,
    home: PurePosixPath,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    about: Mapping[str, Any],
    check: Callable[[int], None] = lambda _: None,
) -> ExportedList:
    """Write <home>/<name>.csv, .xlsx and their manifest, which says what `about` does and how many rows there are.

    `check` is told the number before anything is replaced, and may raise.
    """
    manifest = home / (_MANIFEST if name == about["list"] else f"{name}.{_MANIFEST}")
    places = [home / f"{name}.{ending}" for ending in FORMATS]
    folder.remove(manifest)
    with folder.replaced(*places) as paths:
        with Writers(paths, columns) as writers:
            for row in rows:
                writers.write(row)
        check(writers.rows)
        written = [_describe(path) for path in paths]
    with folder.replaced(manifest) as (path,):
        content = {**about, "rows": writers.rows, "columns": list(columns), "files": written}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return ExportedList(about["list"], folder.address(places[0]), writers.rows, written[0]["sha256"])


def record_export(connection: psycopg.Connection, as_of_date: date, exported: ExportedList) -> None:
    """Note the list in ops.exported_list; the newest export of a list's day stands."""
    connection.execute(
        "insert into ops.exported_list (campaign, as_of_date, file_path, row_count, sha256)"
        " values (%s, %s, %s, %s, %s)"
        " on conflict (campaign, as_of_date) do update set file_path = excluded.file_path,"
        " row_count = excluded.row_count, sha256 = excluded.sha256, exported_at = now(), dropped_date = null",
        (exported.list_name, as_of_date, exported.address, exported.rows, exported.sha256),
    )
    connection.commit()


def drop_old_files(
    connection: psycopg.Connection, as_of_date: date, folder: ExportFolder, kept_days: int
) -> list[tuple[str, date]]:
    """Remove the files of days more than `kept_days` before `as_of_date`; their lists and days.

    What somebody else put beside them stays, and so does the record of how many rows there were.
    """
    warehouse = connection.info.dbname
    oldest = as_of_date - timedelta(days=kept_days)
    old = [(name, day) for name, day in days_of(folder, warehouse) if day < oldest]
    for name, day in old:
        home = PurePosixPath(warehouse, name, str(day))
        for file in folder.names(home):
            is_ours = file.startswith(name) and file.endswith((*FORMATS, _MANIFEST))
            if file == _MANIFEST or is_ours or PARTIAL in file:
                folder.remove(home / file)
        folder.remove(home)
        connection.execute(
            "update ops.exported_list set dropped_date = %s where campaign = %s and as_of_date = %s",
            (as_of_date, name, day),
        )
    connection.commit()
    return old


def _one_moment(connection: psycopg.Connection) -> AbstractContextManager[psycopg.Transaction]:
    """Members and outcomes as they stand together, though dbt may replace them meanwhile."""
    connection.rollback()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection.transaction()


def _count(connection: psycopg.Connection, column: str, definition: ListDefinition, as_of_date: date) -> dict[str, int]:
    rows = connection.execute(
        sql.SQL(
            "select {column}, count(*) from audiences.list_outcome"
            " where as_of_date = %s and list_name = %s and {column} is not null group by 1 order by 2 desc, 1"
        ).format(column=sql.Identifier(column)),
        (as_of_date, definition.list_name),
    ).fetchall()
    return {value: int(count) for value, count in rows}


def _merge_keys(connection: psycopg.Connection, definition: ListDefinition, as_of_date: date) -> list[str]:
    rows = connection.execute(
        "select distinct jsonb_object_keys(merge_data) as key from audiences.list_member"
        " where as_of_date = %s and list_name = %s order by 1",
        (as_of_date, definition.list_name),
    ).fetchall()
    return [key for (key,) in rows]


def _columns(definition: ListDefinition, keys: list[str]) -> list[str]:
    """Headings: what every list has, then its merge fields; one that is called like another gets a name of its own."""
    heading = _ADDRESS_HEADINGS.get(definition.channel, "address")
    fixed = [heading if column == "address" else column for column in _MEMBER_COLUMNS]
    return [*fixed, *(f"merge_{key}" if key in fixed else key for key in keys)]


def _member_rows(
    connection: psycopg.Connection, definition: ListDefinition, as_of_date: date, keys: list[str]
) -> Iterator[list[object]]:
    for *member, merge_data in _members(connection, definition, as_of_date):
        yield [*member, *((merge_data or {}).get(key) for key in keys)]


def _members(connection: psycopg.Connection, definition: ListDefinition, as_of_date: date) -> Iterator[tuple[Any, ...]]:
    with connection.cursor(name="exported_list") as cursor:
        cursor.itersize = 500
        set_json_loads(partial(json.loads, parse_float=Decimal), cursor)  # money stays what it was
        yield from cursor.execute(
            "select customer_code, customer_name, partner_id, address, offer_code, merge_data"
            " from audiences.list_member where as_of_date = %s and list_name = %s order by customer_code, address",
            (as_of_date, definition.list_name),
        )


def _require_agreement(definition: ListDefinition, as_of_date: date, rows: int, outcomes: Mapping[str, int]) -> None:
    if rows != outcomes.get("handed over", 0):
        raise WarehouseError(
            f"List {definition.list_name} of {as_of_date}: {rows} members, but the outcomes say {dict(outcomes)}. "
            "Its files are left as they were. Build the audiences again: clear decide_members in build_audiences."
        )


def _describe(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": path.name, "bytes": path.stat().st_size, "sha256": digest}


def _reporting_currency(connection: psycopg.Connection) -> str | None:
    row = connection.execute("select reporting_currency from ops.warehouse").fetchone()
    return row[0] if row else None

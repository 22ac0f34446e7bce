"""One table from the source's snapshot into its raw table, with its record, in one transaction."""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import StrEnum

import psycopg
from psycopg import sql

from creamery.errors import ContractError, SourceError
from creamery.extract import checksums, quarantine, raw, record, versions
from creamery.extract.contract import Tracking
from creamery.extract.probe import TablePlan
from creamery.extract.record import Landed
from creamery.extract.snapshot import Snapshot
from creamery.extract.stream import copy_rows

log = logging.getLogger(__name__)

_FEW_ROWS = 50  # so many may vanish from any table in a night without a question


class Mode(StrEnum):
    """How a table was read."""

    FIRST = "first"
    WHOLE = "whole"
    CHANGES = "changes"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Settings of dbt_project.yml and of the run.

    `overlap`: how far before the last snapshot changes are looked for, longer than Odoo's longest transaction.
    `follow_changes_from`: smaller tables are read whole, in rows. `shrink_percent`: more than this may not vanish in a
    night, unless the table is in `accept_shrinking`. `history_days`: how long old versions are kept (None: for ever).
    """

    overlap: timedelta
    follow_changes_from: int
    shrink_percent: int
    history_days: int | None
    is_full: bool = False
    accept_shrinking: frozenset[str] = frozenset()


def load_table(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plan: TablePlan,
    snapshot: Snapshot,
    options: LoadOptions,
) -> Landed:
    """Bring the raw table to the state of the snapshot.

    Raises ContractError where the source does not offer what is required, SourceError where rows vanish beyond the
    limit or do not add up; nothing is changed then.
    """
    started = time.monotonic()
    if plan.problem:
        raise ContractError(f"Table {plan.table.name} is not read: {plan.problem}.")
    with warehouse.transaction():
        warehouse.execute("select ops.assert_writer(%s)", (snapshot.writer_token,))
        before = versions.count_current(warehouse, plan.table)
        last = record.last_landed(warehouse, plan.table)
        mode = _mode(plan, last, before, options)
        quarantine.resolve(warehouse, plan.table, snapshot)
        changed, deleted = _load(source, warehouse, plan, snapshot, options, mode, last)
        _refuse_shrinking(plan, before, deleted, options)
        raw.forget_words(warehouse, plan.table)
        if options.history_days is not None:
            raw.prune(warehouse, plan.table, options.history_days)
        landed = Landed(
            name=plan.table.raw_name,
            mode=mode,
            source_rows=_count(source, plan),
            # What a first load stored, the server has just counted.
            loaded_rows=changed if mode is Mode.FIRST else versions.count_current(warehouse, plan.table),
            changed_rows=changed,
            deleted_rows=deleted,
            quarantined_rows=quarantine.count_open(warehouse, plan.table),
            seconds=time.monotonic() - started,
        )
        _require_all(landed)
        record.store_landed(warehouse, plan, snapshot, landed)
        # A table just filled has no statistics yet, and the models that run next would join it row by row.
        warehouse.execute(sql.SQL("analyze {}").format(raw.relation(plan.table)))
    return landed


def _mode(plan: TablePlan, last: record.LastLanded | None, rows: int, options: LoadOptions) -> Mode:
    table = plan.table
    if plan.is_absent:
        return Mode.ABSENT
    if last is None and rows == 0:
        return Mode.FIRST
    is_tracked = table.tracking is Tracking.KEYS or (
        table.tracking is Tracking.WRITE_DATE and "write_date" in plan.source_names
    )
    is_known = last is not None and last.columns == [column.name for column in plan.present]
    if is_tracked and is_known and not options.is_full and rows >= options.follow_changes_from:
        return Mode.CHANGES
    return Mode.WHOLE


def _load(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plan: TablePlan,
    snapshot: Snapshot,
    options: LoadOptions,
    mode: Mode,
    last: record.LastLanded | None,
) -> tuple[int, int]:
    """Rows that got a new version, and rows marked as deleted."""
    if mode is Mode.FIRST:
        return _load_first(source, warehouse, plan, snapshot), 0
    if mode is Mode.CHANGES and last is not None:
        return _load_changes(source, warehouse, plan, snapshot, options, last)
    versions.create_incoming(warehouse, plan.table)
    if mode is Mode.ABSENT:
        return 0, versions.mark_deleted(warehouse, plan.table, snapshot)
    changed = _take_over(source, warehouse, plan, snapshot, versions.ALL_ROWS)
    return changed, versions.mark_deleted(warehouse, plan.table, snapshot)


def _load_first(source: psycopg.Connection, warehouse: psycopg.Connection, plan: TablePlan, snapshot: Snapshot) -> int:
    """Straight into the raw table, without its index: nothing has to be compared.

    What could not be read until now, or was not asked for, stood there before: it counts since the first extraction.
    Days before it would else be rebuilt without a table that the login was let into a day later.
    """
    relation = raw.relation(plan.table)
    raw.drop_key(warehouse, plan.table)
    default = sql.SQL("alter table {} alter column _valid_from {}")
    since = sql.Literal(record.first_moment(warehouse) or snapshot.taken_at)
    warehouse.execute(default.format(relation, sql.SQL("set default {}::timestamptz").format(since)))
    rows = copy_rows(source, warehouse, plan, relation, versions.ALL_ROWS)
    warehouse.execute(default.format(relation, sql.SQL("drop default")))
    rejected = quarantine.reject(warehouse, plan.table, snapshot, relation)
    raw.create_key(warehouse, plan.table)
    return rows - rejected


def _load_changes(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plan: TablePlan,
    snapshot: Snapshot,
    options: LoadOptions,
    last: record.LastLanded,
) -> tuple[int, int]:
    changed = deleted = 0
    if plan.table.tracking is Tracking.WRITE_DATE:
        since = (last.snapshot_at - options.overlap).astimezone(UTC).replace(tzinfo=None)
        written = sql.SQL("{column} is null or {column} >= {since}").format(
            column=plan.source_column("write_date"), since=sql.Literal(since)
        )
        versions.create_incoming(warehouse, plan.table)
        changed = _take_over(source, warehouse, plan, snapshot, written)
    different = checksums.compare(source, warehouse, plan)
    if different:
        key = plan.table.key[0]
        versions.create_incoming(warehouse, plan.table)
        changed += _take_over(source, warehouse, plan, snapshot, checksums.within(plan.source_column(key), different))
        scope = checksums.within(sql.Identifier(key), different)
        deleted = versions.mark_deleted(warehouse, plan.table, snapshot, scope)
    return changed, deleted


def _take_over(
    source: psycopg.Connection,
    warehouse: psycopg.Connection,
    plan: TablePlan,
    snapshot: Snapshot,
    condition: sql.Composable,
) -> int:
    copy_rows(source, warehouse, plan, versions.INCOMING, condition)
    quarantine.reject(warehouse, plan.table, snapshot, versions.INCOMING)
    return versions.store_changes(warehouse, plan.table, snapshot)


def _count(source: psycopg.Connection, plan: TablePlan) -> int:
    if plan.is_absent:
        return 0
    row = source.execute(sql.SQL("select count(*) from {} where {}").format(plan.relation, plan.condition)).fetchone()
    return int(row[0]) if row else 0


def _refuse_shrinking(plan: TablePlan, before: int, deleted: int, options: LoadOptions) -> None:
    """Rows that vanish in masses are a restored backup or a wrong login, not a night's work."""
    table = plan.table
    if table.is_volatile or table.raw_name in options.accept_shrinking:
        return
    is_emptied = 0 < before == deleted and (deleted > _FEW_ROWS or not table.is_optional)
    if is_emptied or (deleted > _FEW_ROWS and deleted * 100 > before * options.shrink_percent):
        raise SourceError(
            f"Table {table.raw_name}: {deleted:,} of {before:,} rows are gone from the Odoo database, more than "
            f"{options.shrink_percent} % (max_shrink_percent in dbt_project.yml). What was loaded before stays. Check "
            "the database and the row security of the login; if it is meant to be so, run extract_odoo with "
            f"accept_shrinking {table.raw_name}."
        )


def _require_all(landed: Landed) -> None:
    if landed.source_rows != landed.loaded_rows + landed.quarantined_rows:
        raise SourceError(
            f"Table {landed.name}: the snapshot has {landed.source_rows:,} rows, but {landed.loaded_rows:,} are loaded "
            f"and {landed.quarantined_rows:,} in quarantine. Run extract_odoo with full; if it persists, look at the "
            "table's row security in Odoo's database."
        )

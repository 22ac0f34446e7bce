"""One extraction: check whose data this is, hold one snapshot, copy the contract's tables out of it, close.

The parts run in different processes (tasks of extract_odoo) and meet in schema ops.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import psycopg

from creamery import settings, warehouse
from creamery.errors import ContractError, InputError, SourceError
from creamery.extract import raw, record, snapshot, source
from creamery.extract.contract import CONTRACT
from creamery.extract.identity import pin_source
from creamery.extract.load import LoadOptions, load_table
from creamery.extract.probe import TablePlan, installed_modules, plan_tables
from creamery.extract.record import Landed
from creamery.extract.snapshot import Snapshot
from creamery.extract.totals import record_totals

log = logging.getLogger(__name__)

_LARGE_BYTES = 256 * 1024 * 1024  # worth a task of its own
_HOLD_SECONDS = 12 * 3600.0
_UNUSED_SECONDS = 3600.0
_JOIN_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Night:
    """What to extract for: the as-of day, the extraction that stands for it in schema ops, and how to read."""

    as_of_date: date
    extraction_id: int
    is_full: bool = False
    accept_shrinking: tuple[str, ...] = ()

    def to_xcom(self) -> dict[str, Any]:
        return asdict(self) | {"as_of_date": self.as_of_date.isoformat()}

    @classmethod
    def from_xcom(cls, values: Mapping[str, Any]) -> "Night":
        return cls(
            date.fromisoformat(values["as_of_date"]),
            values["extraction_id"],
            values["is_full"],
            tuple(values["accept_shrinking"]),
        )

    def options(self) -> LoadOptions:
        configured = settings.load()
        return LoadOptions(
            overlap=timedelta(hours=configured.write_date_overlap_hours),
            follow_changes_from=configured.follow_changes_from_rows,
            shrink_percent=configured.max_shrink_percent,
            history_days=configured.raw_history_days,
            is_full=self.is_full,
            accept_shrinking=frozenset(self.accept_shrinking),
        )


def open_night(
    odoo_dsn: str,
    warehouse_dsn: str,
    as_of_date: date | None,
    is_full: bool = False,
    accept_shrinking: Iterable[str] = (),
) -> Night:
    """Check source, contract and identity before anything is read; default day: yesterday in the shop.

    Raises SourceError, ContractError, ConfigError or InputError; a warehouse that belongs to another source refuses.
    """
    accepted = _known_tables(accept_shrinking)
    with source.connect(odoo_dsn) as odoo:
        facts = source.read_facts(odoo, settings.load().business_time_zone)
        plans = plan_tables(odoo, CONTRACT)
        modules = installed_modules(odoo)
        _require_sales(odoo, plans)
    today = facts.snapshot_at.astimezone(facts.time_zone).date()
    day = as_of_date or today - timedelta(days=1)
    if day > today:
        raise InputError(f"AS_OF {day} lies after today ({today} in {facts.time_zone.key}). Give a past day.")
    with warehouse.writer(warehouse_dsn, warehouse.Role.LOADER, f"extraction for {day}") as writer:
        connection = writer.connection
        _require_contract(connection, plans)
        former_series = pin_source(connection, facts)
        connection.execute("update ops.extraction set state = 'failed' where state = 'loading'")
        row = connection.execute(
            "insert into ops.extraction (as_of_date, source_snapshot_at) values (%s, %s) returning extraction_id",
            (day, facts.snapshot_at),
        ).fetchone()
        assert row is not None
        for plan in plans:
            raw.create(connection, plan.table)
        record.store_modules(connection, modules, row[0])
        _report(plans, record.store_probe(connection, plans, row[0]), record.lost_columns(connection, plans))
        if former_series and former_series != facts.odoo_series:
            # An upgrade rewrites values by plain SQL, past write_date.
            log.info("Odoo is %s now, and was %s: every table is read whole", facts.odoo_series, former_series)
            record.forget_watermarks(connection)
        return Night(day, row[0], is_full, accepted)


def table_groups(warehouse_dsn: str, night: Night) -> list[list[str]]:
    """The contract's tables, by name, as the streams take them: each large one alone, the small ones together."""
    with warehouse.connect(warehouse_dsn, warehouse.Role.LOADER) as connection:
        rows = connection.execute(
            "select table_name, source_bytes from ops.source_table where probed_extraction_id = %s"
            " order by source_bytes desc, table_name",
            (night.extraction_id,),
        ).fetchall()
    large = [[name] for name, size in rows if size >= _LARGE_BYTES]
    return [*large, [name for name, size in rows if size < _LARGE_BYTES]]


def hold_snapshot(odoo_dsn: str, warehouse_dsn: str, night: Night) -> None:
    """Hold the snapshot, and take the source's totals in it, until the extraction is closed."""
    with snapshot.held(odoo_dsn, warehouse_dsn, night.extraction_id) as (odoo, held):
        take_totals(odoo, warehouse_dsn, held)
        snapshot.wait_until_closed(warehouse_dsn, held, odoo, _HOLD_SECONDS, _UNUSED_SECONDS)


def take_totals(odoo: psycopg.Connection, warehouse_dsn: str, held: Snapshot) -> None:
    """The source's own totals as the snapshot has them, into ops.source_total."""
    try:
        with warehouse.connect(warehouse_dsn, warehouse.Role.LOADER, held.application_name) as connection:
            record_totals(odoo, connection, plan_tables(odoo, CONTRACT), held.extraction_id)
    except psycopg.Error as error:
        raise SourceError(
            f"The source's totals could not be taken: {' '.join(str(error).split())}. The next try of hold_snapshot "
            "takes them again; if a lock is in the way, see who holds it in the Odoo database (pg_locks)."
        ) from error


def copy_tables(odoo_dsn: str, warehouse_dsn: str, night: Night, names: Iterable[str]) -> dict[str, int]:
    """Load these tables from the snapshot being held; rows by name. What it has loaded already is not read again.

    A table that the source does not offer as required, or that shrinks beyond the limit, is stopped alone. Raises
    SourceError naming the tables that a fault of connection, server or disk kept from loading: try again.
    """
    held = snapshot.join(warehouse_dsn, night.extraction_id, _JOIN_SECONDS)
    options = night.options()
    with (
        snapshot.session(odoo_dsn, held) as odoo,
        warehouse.connect(warehouse_dsn, warehouse.Role.LOADER, held.application_name) as target,
    ):
        landed = record.landed_tables(target, held)
        target.commit()
        open_tables = set(names) - landed.keys()
        faults = {}
        for plan in plan_tables(odoo, [table for table in CONTRACT if table.raw_name in open_tables]):
            try:
                landed |= _load_or_stop(odoo, target, plan, held, options)
            except psycopg.Error as error:
                faults[plan.table.raw_name] = " ".join(str(error).split())
                log.error("%s: not loaded: %s", plan.table.raw_name, faults[plan.table.raw_name])
    if faults:
        raise SourceError(
            f"Not loaded: {'; '.join(f'{name} ({fault})' for name, fault in faults.items())}. "
            "The next try reads only these; what has landed stays."
        )
    return landed


def close_night(warehouse_dsn: str, night: Night) -> dict[str, int]:
    """Declare the extraction complete and let go of the snapshot; rows by table.

    Raises SourceError naming the tables that were not loaded.
    """
    with warehouse.connect(warehouse_dsn, warehouse.Role.LOADER) as connection:
        missing = connection.execute(
            "select probed.table_name from ops.source_table as probed"
            " join ops.extraction as extraction on probed.probed_extraction_id = extraction.extraction_id"
            " left join ops.extracted_table as landed on extraction.extraction_id = landed.extraction_id"
            " and probed.table_name = landed.table_name and landed.snapshot_at = extraction.source_snapshot_at"
            " where extraction.extraction_id = %s and landed.table_name is null order by 1",
            (night.extraction_id,),
        ).fetchall()
        connection.execute(
            "update ops.extraction set state = %s, finished_at = clock_timestamp() where extraction_id = %s",
            ("failed" if missing else "complete", night.extraction_id),
        )
        connection.commit()
        if missing:
            raise SourceError(
                f"Extraction {night.extraction_id} is not complete: {', '.join(name for (name,) in missing)} not "
                "loaded. The tasks copy_tables say why. Clear the run: what has landed is not read again."
            )
        rows = connection.execute(
            "select table_name, loaded_rows from ops.extracted_table where extraction_id = %s", (night.extraction_id,)
        ).fetchall()
    return dict(rows)


def require_nothing_stopped(warehouse_dsn: str) -> None:
    """Raise ContractError naming the tables that keep older rows than the last extraction, each with reason and fix."""
    with warehouse.connect(warehouse_dsn, warehouse.Role.LOADER) as connection:
        stopped = connection.execute(
            "select problem, loaded_snapshot_at from ops.source_table where state = 'stopped' order by table_name"
        ).fetchall()
    if stopped:
        stale = [f"{problem} (rows of {f'{since:%Y-%m-%d %H:%M}' if since else 'none'})" for problem, since in stopped]
        raise ContractError("Loaded, except for what is stale:\n" + "\n".join(stale))


def _load_or_stop(
    odoo: psycopg.Connection,
    target: psycopg.Connection,
    plan: TablePlan,
    held: Snapshot,
    options: LoadOptions,
) -> dict[str, int]:
    name = plan.table.raw_name
    try:
        with odoo.transaction():  # so that what one table breaks does not keep the others from being read
            landed = load_table(odoo, target, plan, held, options)
    except (ContractError, SourceError, psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        record.store_stopped(target, plan, held, " ".join(str(error).split()))
        log.warning("%s: stopped, the rows of the last extraction stay: %s", name, error)
        return {}
    _log(landed, plan)
    return {name: landed.loaded_rows}


def _log(landed: Landed, plan: TablePlan) -> None:
    if not plan.is_absent:
        log.info(
            "%s: %s rows (%s), %s changed, %s deleted, %s in quarantine, %.1f s",
            landed.name,
            f"{landed.loaded_rows:,}",
            landed.mode,
            f"{landed.changed_rows:,}",
            f"{landed.deleted_rows:,}",
            f"{landed.quarantined_rows:,}",
            landed.seconds,
        )


def _report(plans: list[TablePlan], new_columns: list[tuple[str, str]], lost_columns: list[tuple[str, str]]) -> None:
    absent: dict[str, list[str]] = {}
    for plan in plans:
        if plan.is_absent and not plan.problem:
            absent.setdefault(plan.table.module, []).append(plan.table.raw_name)
        elif plan.problem:
            log.warning("%s: %s", plan.table.raw_name, plan.problem)
    for module, tables in absent.items():
        log.info("%s: %s not in this Odoo, left empty", module, ", ".join(tables))
    hidden = {(plan.table.raw_name, name) for plan in plans for name in plan.hidden_columns}
    for table, column in new_columns:
        why = (
            "the login may not: run sql/odoo_reader.sql in the Odoo database"
            if (table, column) in hidden
            else "the contract does not name it"
        )
        log.warning("%s.%s is new in the source; it is not read (%s)", table, column, why)
    for table, column in lost_columns:
        log.warning("%s.%s is gone from the source, or may no longer be read: it is empty from now on", table, column)


def _known_tables(names: Iterable[str]) -> tuple[str, ...]:
    known = {table.raw_name for table in CONTRACT}
    unknown = sorted(set(names) - known)
    if unknown:
        raise InputError(
            f"accept_shrinking names {', '.join(unknown)}, which the source contract does not read. "
            f"Tables are: {', '.join(sorted(known))}."
        )
    return tuple(sorted(set(names)))


def _require_contract(connection: psycopg.Connection, plans: list[TablePlan]) -> None:
    """A table that cannot be read keeps its last good rows; one that never had any leaves nothing to go on with."""
    loaded = {
        row[0]
        for row in connection.execute("select table_name from ops.source_table where loaded_snapshot_at is not null")
    }
    problems = [
        plan.problem
        for plan in plans
        if plan.problem and not plan.table.is_optional and plan.table.raw_name not in loaded
    ]
    if problems:
        raise ContractError(f"The Odoo database cannot be extracted: {'; '.join(problems)}.")


def _require_sales(odoo: psycopg.Connection, plans: list[TablePlan]) -> None:
    if any(plan.problem for plan in plans if plan.table.name in ("sale_order", "pos_order")):
        return  # what cannot be read may hold them; its last good rows stay
    present = {plan.table.name for plan in plans if not plan.is_absent}
    queries = {
        "sale_order": "select exists (select 1 from sale_order where state in ('sale', 'done'))",
        "pos_order": "select exists (select 1 from pos_order where state in ('paid', 'done', 'invoiced'))",
    }
    answers = [odoo.execute(query.encode()).fetchone() for table, query in queries.items() if table in present]
    if answers and (True,) not in answers:
        raise SourceError(
            f"Odoo database {odoo.info.dbname} has no confirmed order yet, so there are no customers to compute. "
            "Check that odoo_postgres leads to the right database; the published day stands."
        )

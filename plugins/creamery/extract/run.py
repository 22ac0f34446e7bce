"""One extraction: check whose data this is, copy every table of the contract in one snapshot, take the totals."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg

from creamery import settings, warehouse
from creamery.errors import InputError, SourceError
from creamery.extract import source
from creamery.extract.contract import CONTRACT
from creamery.extract.load import LoadedTable, create_raw_table, replace_table
from creamery.extract.probe import TablePlan, plan_tables
from creamery.extract.totals import record_totals

log = logging.getLogger(__name__)

STREAMS = 2  # COPY is bound by the CPU of both ends; more sessions only weigh on the shop


@dataclass(frozen=True, slots=True)
class Night:
    """What to extract for: the as-of day and the extraction that stands for it in schema ops."""

    as_of_date: date
    extraction_id: int

    def to_xcom(self) -> dict[str, Any]:
        return {"as_of_date": self.as_of_date.isoformat(), "extraction_id": self.extraction_id}

    @classmethod
    def from_xcom(cls, values: Mapping[str, Any]) -> "Night":
        return cls(date.fromisoformat(values["as_of_date"]), values["extraction_id"])


def open_night(odoo_dsn: str, warehouse_dsn: str, as_of_date: date | None) -> Night:
    """Check source, contract and identity before anything is written; default day: yesterday in the shop.

    Raises SourceError, ContractError or ConfigError; a warehouse that belongs to another source refuses.
    """
    configured = settings.load()
    with source.connect(odoo_dsn) as odoo:
        facts = source.read_facts(odoo, configured.business_time_zone)
        _require_sales(odoo, plan_tables(odoo, CONTRACT))
    today = facts.snapshot_at.astimezone(facts.time_zone).date()
    day = as_of_date or today - timedelta(days=1)
    if day > today:
        raise InputError(f"AS_OF {day} lies after today ({today} in {facts.time_zone.key}). Give a past day.")
    with warehouse.writer(warehouse_dsn, warehouse.Role.LOADER, f"extraction for {day}") as writer:
        _pin_source(writer.connection, facts)
        row = writer.connection.execute(
            "insert into ops.extraction (as_of_date, source_snapshot_at) values (%s, %s) returning extraction_id",
            (day, facts.snapshot_at),
        ).fetchone()
        assert row is not None
        return Night(day, row[0])


def extract_tables(odoo_dsn: str, warehouse_dsn: str, night: Night) -> list[LoadedTable]:
    """Copy the contract's tables, STREAMS at a time, all in one snapshot; each with its record or not at all."""
    with (
        warehouse.writer(warehouse_dsn, warehouse.Role.LOADER, f"extraction for {night.as_of_date}") as writer,
        source.exported_snapshot(odoo_dsn) as (odoo, snapshot_id),
    ):
        plans = plan_tables(odoo, CONTRACT)
        for plan in plans:
            create_raw_table(writer.connection, plan.table)
        writer.connection.commit()

        def load(plan: TablePlan) -> LoadedTable:
            with (
                source.connect(odoo_dsn, snapshot_id) as stream,
                warehouse.connect(warehouse_dsn, warehouse.Role.LOADER, writer.application_name) as target,
            ):
                return _loaded(replace_table(stream, target, plan, night.extraction_id), plan)

        with ThreadPoolExecutor(STREAMS) as streams:
            loaded = list(streams.map(load, plans))
        record_totals(odoo, writer.connection, plans, night.extraction_id)
        writer.connection.execute(
            "update ops.extraction set state = 'complete', finished_at = now() where extraction_id = %s",
            (night.extraction_id,),
        )
    return loaded


def _require_sales(odoo: psycopg.Connection, plans: list[TablePlan]) -> None:
    present = {plan.table.name for plan in plans if not plan.is_absent}
    queries = ["select exists (select 1 from sale_order where state in ('sale', 'done'))"]
    if "pos_order" in present:
        queries.append("select exists (select 1 from pos_order where state in ('paid', 'done', 'invoiced'))")
    if not any(odoo.execute(query.encode()).fetchone() == (True,) for query in queries):
        raise SourceError(
            f"Odoo database {odoo.info.dbname} has no confirmed order yet, so there are no customers to compute. "
            "Check that odoo_postgres leads to the right database; the published day stands."
        )


def _loaded(table: LoadedTable, plan: TablePlan) -> LoadedTable:
    if plan.is_absent:
        log.info("%s: not in this Odoo (its module is not installed), left empty", table.name)
    else:
        without = f", without {', '.join(plan.missing_columns)}" if plan.missing_columns else ""
        log.info("%s: %d rows in %.1f s%s", table.name, table.loaded_rows, table.seconds, without)
    if table.loaded_rows != table.source_rows:
        raise SourceError(
            f"Table {table.name}: the snapshot has {table.source_rows} rows, {table.loaded_rows} arrived. "
            "Run the night again; if it persists, look at the table's row security in Odoo's database."
        )
    return table


def _pin_source(connection: psycopg.Connection, facts: source.SourceFacts) -> None:
    """First extraction: this source becomes the warehouse's. Later ones: refuse any other."""
    pinned = connection.execute("select source_uuid, source_fingerprint from ops.warehouse").fetchone()
    if pinned and not _is_same(pinned, facts):
        raise SourceError(
            f"Warehouse {connection.info.dbname} belongs to the Odoo with database.uuid {pinned[0]} (fingerprint "
            f"{pinned[1]}), but odoo_postgres leads to {facts.uuid} (fingerprint {facts.fingerprint}). Use another "
            "warehouse (make nightly WAREHOUSE=name) or correct the connection."
        )
    values: Mapping[str, Any] = {
        "uuid": facts.uuid,
        "fingerprint": facts.fingerprint,
        "series": facts.odoo_series,
        "company": facts.main_company_id,
        "currency_id": facts.reporting_currency_id,
        "currency": facts.reporting_currency,
        "zone": facts.time_zone.key,
        "snapshot_at": facts.snapshot_at,
    }
    connection.execute(
        "insert into ops.warehouse (source_uuid, source_fingerprint, odoo_series, main_company_id,"
        " reporting_currency_id, reporting_currency, business_time_zone, first_extracted_at, last_extracted_at)"
        " values (%(uuid)s, %(fingerprint)s, %(series)s, %(company)s, %(currency_id)s, %(currency)s, %(zone)s,"
        " %(snapshot_at)s, %(snapshot_at)s)"
        " on conflict (is_only) do update set"
        " source_uuid = coalesce(excluded.source_uuid, ops.warehouse.source_uuid), odoo_series = excluded.odoo_series,"
        " main_company_id = excluded.main_company_id,"
        " reporting_currency_id = excluded.reporting_currency_id,"
        " reporting_currency = excluded.reporting_currency, business_time_zone = excluded.business_time_zone,"
        " last_extracted_at = excluded.last_extracted_at",
        values,
    )


def _is_same(pinned: tuple[str | None, str], facts: source.SourceFacts) -> bool:
    """By uuid where both sides know one: a copy of the database with a new uuid is another source."""
    if pinned[0] and facts.uuid:
        return pinned[0] == facts.uuid
    return pinned[1] == facts.fingerprint

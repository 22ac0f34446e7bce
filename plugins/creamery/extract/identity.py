"""Which Odoo a warehouse belongs to: pinned by the first extraction, asked of every later one."""

from collections.abc import Mapping
from typing import Any

import psycopg

from creamery.errors import SourceError
from creamery.extract.source import SourceFacts


def pin_source(connection: psycopg.Connection, facts: SourceFacts) -> str | None:
    """First extraction: this source becomes the warehouse's. Later ones: refuse any other.

    Returns the Odoo series that the source had at the last extraction; None at the first.
    """
    pinned = connection.execute("select source_uuid, source_fingerprint, odoo_series from ops.warehouse").fetchone()
    if pinned and not _is_same(pinned[:2], facts):
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
    return pinned[2] if pinned else None


def require_same_source(connection: psycopg.Connection, facts: SourceFacts) -> None:
    """Refuse any Odoo but the one that this warehouse was filled from; nothing is pinned."""
    pinned = connection.execute("select source_uuid, source_fingerprint from ops.warehouse").fetchone()
    if pinned is None or not _is_same(pinned, facts):
        raise SourceError(
            f"Warehouse {connection.info.dbname} belongs to the Odoo with database.uuid {pinned and pinned[0]}, but "
            f"odoo_postgres leads to {facts.uuid}. Correct one of the two connections."
        )


def _is_same(pinned: tuple[str | None, str], facts: SourceFacts) -> bool:
    """By uuid where both sides know one: a copy of the database with a new uuid is another source."""
    if pinned[0] and facts.uuid:
        return pinned[0] == facts.uuid
    return pinned[1] == facts.fingerprint

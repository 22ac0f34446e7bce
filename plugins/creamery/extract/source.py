"""The Odoo database as the extraction sees it: one read-only snapshot, its identity and its settings."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from creamery.errors import ConfigError, SourceError
from creamery.settings import DEFAULT_TIME_ZONE


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What one snapshot says about its Odoo."""

    uuid: str | None
    fingerprint: str
    odoo_series: str
    main_company_id: int
    reporting_currency_id: int
    reporting_currency: str
    time_zone: ZoneInfo
    snapshot_at: datetime


def connect(dsn: str, snapshot_id: str | None = None) -> psycopg.Connection:
    """Open a read-only repeatable-read session, in snapshot `snapshot_id` where one is given.

    Raises SourceError when the server, the database or the login is wrong.
    """
    try:
        connection = psycopg.connect(dsn, application_name="creamery extract", connect_timeout=15)
    except psycopg.OperationalError as error:
        raise SourceError(
            f"The Odoo database cannot be opened: {' '.join(str(error).split())}. Check host, database, user and "
            "password of the connection odoo_postgres."
        ) from error
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    if snapshot_id:
        connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot_id)))
    return connection


@contextmanager
def exported_snapshot(dsn: str) -> Iterator[tuple[psycopg.Connection, str]]:
    """A session holding one snapshot that other sessions can join, with the snapshot's id."""
    with connect(dsn) as connection:
        row = connection.execute("select pg_export_snapshot()").fetchone()
        assert row is not None  # the function returns one row or raises
        yield connection, row[0]


def read_facts(connection: psycopg.Connection, time_zone_setting: str | None) -> SourceFacts:
    """Identity, main company, currency and time zone. Raises SourceError where this is no Odoo with a company."""
    if not _may_read(connection, "res_company"):
        raise SourceError(
            f"Database {connection.info.dbname} has no table res_company that this login can see: it is empty, "
            "no Odoo, or the login lacks SELECT. Check the connection odoo_postgres."
        )
    company = connection.execute(
        "select company.id, currency.id, currency.name, partner.tz"
        " from res_company as company"
        " join res_currency as currency on company.currency_id = currency.id"
        " join res_partner as partner on company.partner_id = partner.id"
        " order by company.parent_id is not null, company.id limit 1"
    ).fetchone()
    if company is None:
        raise SourceError(
            f"Database {connection.info.dbname} has no company: Odoo is not set up in it. Check the connection."
        )
    now = connection.execute("select now()").fetchone()
    assert now is not None
    return SourceFacts(
        uuid=_uuid(connection),
        fingerprint=_fingerprint(connection),
        odoo_series=_series(connection),
        main_company_id=company[0],
        reporting_currency_id=company[1],
        reporting_currency=company[2],
        time_zone=time_zone_of(time_zone_setting or company[3] or DEFAULT_TIME_ZONE),
        snapshot_at=now[0],
    )


def time_zone_of(name: str) -> ZoneInfo:
    """The zone called `name`; ConfigError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"Time zone {name!r} does not exist. Set business_time_zone in dbt_project/dbt_project.yml, or the "
            "company's contact in Odoo, to a name like Asia/Dhaka."
        ) from error


def _uuid(connection: psycopg.Connection) -> str | None:
    """Odoo's database.uuid; None where the login may not read it."""
    if not _may_read(connection, "ir_config_parameter"):
        return None
    row = connection.execute("select value from ir_config_parameter where key = 'database.uuid'").fetchone()
    return row[0] if row else None


def _fingerprint(connection: psycopg.Connection) -> str:
    """Of the main company's contact: Odoo makes it with the database and never deletes or re-dates it."""
    row = connection.execute(
        "select company.id, partner.id, partner.create_date"
        " from res_company as company join res_partner as partner on company.partner_id = partner.id"
        " order by company.id limit 1"
    ).fetchone()
    return hashlib.sha256(repr(row).encode()).hexdigest()[:32]


def _series(connection: psycopg.Connection) -> str:
    """'19.0' from the base module's version; 'unknown' where the login cannot see modules."""
    if not _may_read(connection, "ir_module_module"):
        return "unknown"
    row = connection.execute("select latest_version from ir_module_module where name = 'base'").fetchone()
    return ".".join(row[0].split(".")[:2]) if row and row[0] else "unknown"


def _may_read(connection: psycopg.Connection, table: str) -> bool:
    answer = connection.execute(
        "select coalesce(has_table_privilege(to_regclass(%s), 'select'), false)", (table,)
    ).fetchone()
    return answer == (True,)

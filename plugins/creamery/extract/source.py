"""The Odoo database as the extraction sees it: one read-only snapshot, its identity and its settings."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from creamery.errors import ConfigError, SourceError
from creamery.settings import DEFAULT_TIME_ZONE

# A table that Odoo is altering must not make us wait, with Odoo waiting behind us; a read that takes an hour is lost.
# The session that holds the snapshot is idle on purpose. Odoo's moments are UTC, and so is what we make of others.
_LIMITS = "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=1h -c idle_in_transaction_session_timeout=0"


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


def connect(dsn: str) -> psycopg.Connection:
    """Open a read-only repeatable-read session. Raises SourceError when server, database or login is wrong.

    Limits that the connection string sets itself (options=-c statement_timeout=...) win over ours.
    """
    options = " ".join([_LIMITS, str(conninfo_to_dict(dsn).get("options") or "")])
    try:
        connection = psycopg.connect(
            make_conninfo(dsn, options=options),
            application_name="creamery extract",
            connect_timeout=15,
            keepalives_idle=60,  # a peer that vanished would hold us up for hours
        )
    except psycopg.OperationalError as error:
        raise SourceError(
            f"The Odoo database cannot be opened: {' '.join(str(error).split())}. Check host, database, user and "
            "password of the connection odoo_postgres."
        ) from error
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def export_snapshot(connection: psycopg.Connection) -> tuple[datetime, str]:
    """The moment whose data the session sees, and the name under which other sessions can see the same.

    On a replica the moment is that of the last change replayed, not the clock's; where it has replayed none since its
    start, that of the checkpoint it started from.
    """
    row = connection.execute(
        "select case when pg_is_in_recovery()"
        " then coalesce(pg_last_xact_replay_timestamp(), (select checkpoint_time from pg_control_checkpoint()))"
        " else now() end, pg_export_snapshot()"
    ).fetchone()
    assert row is not None  # a query without a table has one row
    return row


def read_facts(connection: psycopg.Connection, time_zone_setting: str | None) -> SourceFacts:
    """Identity, main company, currency and time zone. Raises SourceError where this is no Odoo with a company."""
    if not _may_read(connection, "res_company"):
        raise SourceError(
            f"Database {connection.info.dbname} has no table res_company that this login can see: it is empty, "
            "no Odoo, or the login lacks SELECT. Check the connection odoo_postgres."
        )
    try:
        company = _main_company(connection)
        fingerprint = _fingerprint(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise SourceError(
            f"Login {connection.info.user} may not read companies with their currency and contact in the Odoo database "
            f"{connection.info.dbname} ({error}). Run sql/odoo_reader.sql there (docs/security.md)."
        ) from error
    now = connection.execute("select now()").fetchone()
    assert now is not None  # a query without a table has one row
    return SourceFacts(
        uuid=_uuid(connection),
        fingerprint=fingerprint,
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


def _main_company(connection: psycopg.Connection) -> tuple[int, int, str, str | None]:
    """Id, currency's id and name, and the contact's time zone."""
    row = connection.execute(
        "select company.id, currency.id, currency.name, partner.tz"
        " from res_company as company"
        " join res_currency as currency on company.currency_id = currency.id"
        " join res_partner as partner on company.partner_id = partner.id"
        " order by company.parent_id is not null, company.id limit 1"
    ).fetchone()
    if row is None:
        raise SourceError(
            f"Database {connection.info.dbname} has no company: Odoo is not set up in it. Check the connection."
        )
    return row


def _uuid(connection: psycopg.Connection) -> str | None:
    """Odoo's database.uuid; None where the login may not read it.

    The least-privileged login sees it through a view, and no other parameter (sql/odoo_reader.sql).
    """
    if _may_read(connection, "database_uuid", "creamery"):
        row = connection.execute("select value from creamery.database_uuid").fetchone()
    elif _may_read(connection, "ir_config_parameter"):
        row = connection.execute("select value from ir_config_parameter where key = 'database.uuid'").fetchone()
    else:
        return None
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


def _may_read(connection: psycopg.Connection, table: str, schema: str = "public") -> bool:
    """Asked of the catalogue: a name in a schema that the login may not use is an error in itself."""
    answer = connection.execute(
        "select has_schema_privilege(namespace.oid, 'usage') and has_any_column_privilege(class.oid, 'select')"
        " from pg_class as class join pg_namespace as namespace on class.relnamespace = namespace.oid"
        " where namespace.nspname = %s and class.relname = %s",
        (schema, table),
    ).fetchone()
    return answer == (True,)

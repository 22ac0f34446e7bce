"""Makes the demonstration shop: an Odoo 19 database of a dairy in Bangladesh.

Everything is SQL over sets (sql/fill, run in the order of the file names). Every random number is a hash of
the seed and of what it is for, so the same parameters give the same rows in any database. The truth behind
the shop (who is alive, who is regular) lies in schema `truth`.
"""

import csv
import datetime as dt
import hashlib
import json
import logging
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import class_row

from creamery.demo_shop.schema import advance_sequences, create_addon_tables, create_indexes, create_tables
from creamery.errors import ConfigError

logger = logging.getLogger(__name__)

_SQL = Path(__file__).parent / "sql"
_FILL = _SQL / "fill"
_LOCK_KEY = 0x73686F70  # "shop": one maker at a time; a killed run's lock goes with its transaction
_UTC_OFFSET = dt.timedelta(hours=6)  # Asia/Dhaka


@dataclass(frozen=True, slots=True)
class ShopSummary:
    """What the shop holds; `net_revenue` is orders and receipts without tax, refunded or not, in taka."""

    first_day: dt.date
    as_of: dt.date
    customers: int
    subscribers: int
    businesses: int
    still_alive: int
    products: int
    sale_orders: int
    open_carts: int
    receipts: int
    credit_notes: int
    leads: int
    loyalty_cards: int
    mailing_traces: int
    net_revenue: int


@dataclass(frozen=True, slots=True)
class _Parameters:
    customers: int
    as_of: dt.date
    years: int
    seed: int

    @property
    def fingerprint(self) -> str:
        text = f"customers={self.customers} as_of={self.as_of} years={self.years} seed={self.seed}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def starts_on(self) -> dt.date:
        return self.as_of - dt.timedelta(days=365 * self.years - 1)

    @property
    def opened_at(self) -> dt.datetime:
        """When Odoo was set up. The microseconds tell shops apart where their uuid cannot be read."""
        microsecond = int(self.fingerprint[:8], 16) % 1_000_000
        return dt.datetime.combine(self.starts_on - dt.timedelta(days=40), dt.time(5, 12, 31, microsecond))

    def bindings(self) -> dict[str, object]:
        """The values that sql/fill refers to by name; moments are naive UTC as in Odoo."""
        return {
            "customers": self.customers,
            "as_of": self.as_of,
            "years": self.years,
            "seed": self.seed,
            "fingerprint": self.fingerprint,
            "database_uuid": str(uuid.UUID(self.fingerprint[:32], version=4)),
            "starts_on": self.starts_on,
            "ends_at": dt.datetime.combine(self.as_of + dt.timedelta(days=1), dt.time()) - _UTC_OFFSET,
            "opened_at": self.opened_at,
            "catalogue": _catalogue(),
        }


def create_shop(dsn: str, *, customers: int = 5000, as_of: dt.date, years: int = 2, seed: int = 1) -> ShopSummary:
    """Fill the empty database `dsn` with the shop as it is at the end of business day `as_of` (Asia/Dhaka).

    One transaction: a killed run leaves an empty database. A database that already holds this very shop is
    left alone. Raises ConfigError where it holds anything else, cannot be opened, or a parameter is out of
    range.
    """
    parameters = _Parameters(customers, as_of, years, seed)
    _check(parameters)
    with _connect(dsn) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
        if not _is_made(connection, parameters):
            _make(connection, parameters)
        return _summarise(connection)


def _check(parameters: _Parameters) -> None:
    if not 0 <= parameters.customers <= 5_000_000:
        raise ConfigError(f"Demo shop: {parameters.customers} customers; give a number from 0 to 5,000,000.")
    if not 1 <= parameters.years <= 10:
        raise ConfigError(f"Demo shop: {parameters.years} years; give a number from 1 to 10.")
    if not 0 <= parameters.seed < 2**31:
        raise ConfigError(f"Demo shop: seed {parameters.seed}; give a number from 0 to 2,147,483,647.")


def _connect(dsn: str) -> psycopg.Connection:
    try:
        # Client-side binding: a file of many statements takes parameters only this way.
        return psycopg.connect(
            dsn,
            cursor_factory=psycopg.ClientCursor,
            application_name="creamery demo shop",
            connect_timeout=15,
        )
    except psycopg.OperationalError as error:
        raise ConfigError(
            f"The demo shop's database cannot be opened: {str(error).strip()}. Create the database, or check the DSN."
        ) from error


def _is_made(connection: psycopg.Connection, parameters: _Parameters) -> bool:
    """Whether this shop is already there. Raises ConfigError where another one or something else is."""
    database = connection.info.dbname
    found = connection.execute(
        "select to_regclass('truth.parameters') is not null, exists (select from pg_tables where schemaname = 'public')"
    ).fetchone()
    if found == (False, False):
        return False
    if found != (True, True):
        raise ConfigError(
            f"Database {database} holds tables that are not a demo shop. Give the name of an empty database."
        )
    made = connection.execute("select customers, as_of, years, seed from truth.parameters").fetchone()
    if made != (parameters.customers, parameters.as_of, parameters.years, parameters.seed):
        raise ConfigError(
            f"Database {database} holds a demo shop made with customers, as-of date, years and seed "
            f"{', '.join(map(str, made or ()))}. Drop the database, or ask for the same parameters."
        )
    return True


def _make(connection: psycopg.Connection, parameters: _Parameters) -> None:
    connection.execute("set local timezone to 'UTC'")
    # Compiling these long, once-used queries takes longer than running them; so do fine statistics.
    connection.execute("set local jit to off")
    connection.execute("set local work_mem to '64MB'")
    connection.execute("set local default_statistics_target to 10")
    create_tables(connection)
    bindings = parameters.bindings()
    for file in sorted(_FILL.glob("*.sql")):
        logger.info("demo shop: %s", file.stem)
        connection.execute(file.read_bytes(), bindings)
    create_indexes(connection)
    create_addon_tables(connection)
    advance_sequences(connection)


def _catalogue() -> str:
    """catalogue.csv as a JSON array of objects; empty cells are null."""
    with (_FILL / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    return json.dumps(rows, ensure_ascii=False)


def _summarise(connection: psycopg.Connection) -> ShopSummary:
    with connection.cursor(row_factory=class_row(ShopSummary)) as cursor:
        return cursor.execute((_SQL / "summary.sql").read_bytes()).fetchall()[0]

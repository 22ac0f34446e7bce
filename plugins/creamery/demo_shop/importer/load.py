"""One file into one database, in one transaction: a failed or killed import leaves what was there before."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from creamery.demo_shop.importer.columns import Column, recognise
from creamery.demo_shop.importer.options import ImportOptions, check_currency
from creamery.demo_shop.importer.parse import STAGED, LineParser, Reason
from creamery.demo_shop.importer.places import iso_country
from creamery.demo_shop.importer.read import Table, open_table
from creamery.demo_shop.importer.report import BAD_ROWS_SHOWN, BadRow, Documents, ImportReport
from creamery.demo_shop.schema import create_schema
from creamery.errors import InputError, RunError, SourceError

_SQL_FOLDER = Path(__file__).parent / "sql"
_USUAL_CANCELLATION_PREFIX = "C"  # of UCI's Online Retail and the exports that imitate it
_DEFAULT_CURRENCY = "USD"


def import_orders(path: Path, dsn: str, options: ImportOptions) -> ImportReport:
    """Replace the database at `dsn` by the shop that the file `path` describes.

    The database must exist, and be empty or hold an earlier import. Raises InputError for a file, option or
    database that cannot be used, SourceError where the server does not answer, RunError where counts disagree.
    """
    with open_table(path, options) as table:
        positions = recognise(table.header, options.columns, path.name)
        parser = LineParser(positions, options)
        rows = (parser.parse(record) for record in table.records())
        with _connect(dsn) as connection:
            with connection.transaction():
                _prepare(connection, options)
                _stage(connection, rows)
                _settle_faults(connection, options)
                _write_bad_rows(connection, options.bad_rows_file)
                _require_good_rows(connection, table, options)
                for script in ("sort", "earlier", "shop", "customers", "products", "numbering", "sale_orders", "accounting"):
                    _run(connection, script)
                report = _report(connection, table, positions, options)
            connection.autocommit = True
            connection.execute("vacuum (analyze)")
    return report

"""One file into one database, in one transaction: a failed or killed import leaves what was there before."""

from collections.abc import Mapping
from pathlib import Path

import psycopg

from creamery.demo_shop.importer.columns import Column, recognise
from creamery.demo_shop.importer.database import connect, script, single_value
from creamery.demo_shop.importer.options import ImportOptions
from creamery.demo_shop.importer.parse import LineParser
from creamery.demo_shop.importer.read import Table, open_table
from creamery.demo_shop.importer.report import BAD_ROWS_SHOWN, Documents, ImportReport
from creamery.demo_shop.importer.staging import bad_rows_by_reason, first_bad_rows, stage, write_bad_rows
from creamery.demo_shop.schema import create_schema
from creamery.errors import InputError, RunError

# In this order; each says at its top what it does.
_SCRIPTS = ("sort", "earlier", "shop", "customers", "products", "numbering", "sale_orders", "accounting")


def import_orders(path: Path, dsn: str, options: ImportOptions) -> ImportReport:
    """Replace the database at `dsn` by the shop that the file `path` describes.

    The database must exist, and be empty or hold an earlier import. Raises InputError for a file, option or
    database that cannot be used, SourceError where the server does not answer, RunError where it breaks off.
    """
    with open_table(path, options) as table:
        positions = recognise(table.header, options.columns, table.name)
        with connect(dsn) as connection:
            try:
                with connection.transaction():
                    report = _replace(connection, table, positions, options)
            except psycopg.Error as error:
                raise RunError(
                    f"The import of {table.name} into {connection.info.dbname} broke off: {error}. What was "
                    "there before still is. See the server's log, then import again."
                ) from error
            connection.autocommit = True
            connection.execute("vacuum (analyze)")
    return report


def _replace(
    connection: psycopg.Connection, table: Table, positions: Mapping[Column, int], options: ImportOptions
) -> ImportReport:
    _prepare(connection, options)
    parser = LineParser(positions, options)
    stage(connection, (parser.parse(record) for record in table.records()), options)
    write_bad_rows(connection, options.bad_rows_file)
    _require_good_rows(connection, table, options)
    for name in _SCRIPTS:
        connection.execute(script(name))
    return _report(connection, table, positions, options)


def _prepare(connection: psycopg.Connection, options: ImportOptions) -> None:
    """Lock the database, make sure that it is ours to replace, and that it has Odoo's tables."""
    database = connection.info.dbname
    if not single_value(connection, "select pg_try_advisory_xact_lock(hashtext('creamery import'))"):
        raise InputError(f"Another import into database {database} is running. Wait for it to end.")
    try:
        connection.execute("select set_config('TimeZone', %s, true)", (options.time_zone,))
    except psycopg.errors.InvalidParameterValue as error:
        raise InputError(
            f"PostgreSQL does not know time zone {options.time_zone!r}. Use a city's, such as Europe/London."
        ) from error
    connection.execute("set local work_mem = '64MB'")
    connection.execute("set local client_connection_check_interval = 1000")  # a killed import lets go in a second
    if not single_value(connection, "select exists (select from pg_tables where schemaname = 'public')"):
        create_schema(connection)
    elif not _is_earlier_import(connection):
        raise InputError(
            f"Database {database} holds something that no import made; it is left alone. Choose another name."
        )


def _is_earlier_import(connection: psycopg.Connection) -> bool:
    has_settings = single_value(connection, "select to_regclass('public.ir_config_parameter') is not null")
    marked = "select exists (select from ir_config_parameter where key = 'creamery.importer')"
    return bool(has_settings and single_value(connection, marked))


def _require_good_rows(connection: psycopg.Connection, table: Table, options: ImportOptions) -> None:
    if table.read == 0:
        raise InputError(f"{table.name} has a header and no orders. Export it again.")
    bad = bad_rows_by_reason(connection)
    if sum(bad.values()) == table.read:
        reasons = "; ".join(f"{count:,} x {reason}" for reason, count in bad.items())
        raise InputError(
            f"{table.name}: none of {table.read:,} rows can be imported: {reasons}. "
            f"Correct the file or the flags; the rows are listed in {options.bad_rows_file}."
        )


def _report(
    connection: psycopg.Connection, table: Table, positions: Mapping[Column, int], options: ImportOptions
) -> ImportReport:
    """The report, once the database's own counts agree with what was read; RunError where they do not."""
    totals = connection.execute(script("totals"))
    documents = {kind: Documents(count, lines, amount) for kind, count, lines, amount in totals}
    [facts] = connection.execute(script("facts")).fetchall()
    amount, currency, prefix, first_day, last_day, matched, customers, products, countries = facts
    bad_by_reason = bad_rows_by_reason(connection)
    lines_bad = sum(bad_by_reason.values())
    lines_imported = sum(found.lines for found in documents.values())
    if table.read != lines_imported + lines_bad or amount != sum(found.amount for found in documents.values()):
        raise RunError(
            f"{table.name}: {table.read} lines read are not {lines_imported} imported and {lines_bad} bad "
            "ones, or the amounts differ. Nothing was changed. This is a fault of the importer: report it."
        )
    return ImportReport(
        file_name=table.name,
        database=connection.info.dbname,
        name=options.name,
        columns={column: table.header[place] for column, place in positions.items()},
        currency=currency,
        time_zone=options.time_zone,
        cancellation_prefix=prefix,
        lines_read=table.read,
        lines_imported=lines_imported,
        lines_bad=lines_bad,
        empty_lines=table.empty,
        bad_by_reason=bad_by_reason,
        first_bad_rows=first_bad_rows(connection, BAD_ROWS_SHOWN),
        bad_rows_file=options.bad_rows_file if bad_by_reason else None,
        documents=documents,
        matched_credit_lines=matched,
        customers=customers,
        products=products,
        countries=countries,
        first_day=first_day,
        as_of=last_day,
    )

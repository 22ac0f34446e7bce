"""The lines of a file in staging: copied, judged against each other, and the bad ones written out."""

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from creamery.demo_shop.importer.database import script, single_value
from creamery.demo_shop.importer.options import ImportOptions, check_currency
from creamery.demo_shop.importer.parse import STAGED, Reason
from creamery.demo_shop.importer.places import iso_country
from creamery.demo_shop.importer.report import BadRow
from creamery.errors import InputError

_USUAL_CANCELLATION_PREFIX = "C"  # of UCI's Online Retail and the exports that imitate it
_DEFAULT_CURRENCY = "USD"
_MODE_OF_CURRENCY = "select upper(mode() within group (order by currency)) from import_line where reason is null"
_BAD_ROWS = "select line_number, reason, detail from import_line where reason is not null order by line_number"


def stage(connection: psycopg.Connection, rows: Iterable[tuple[Any, ...]], options: ImportOptions) -> None:
    """Create and fill the staging tables of the current transaction from `rows` of STAGED.

    Raises InputError for options that the database or the file's contents rule out.
    """
    connection.execute(script("staging"))
    statement = sql.SQL("copy import_line ({}) from stdin").format(sql.SQL(", ").join(map(sql.Identifier, STAGED)))
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute("analyze import_line")
    _refuse_other_customers(connection)
    _settle_options(connection, options)
    _recognise_countries(connection)


def write_bad_rows(connection: psycopg.Connection, file: Path) -> None:
    """All bad rows as CSV; no file where there are none. Raises InputError where it cannot be written."""
    statement = (
        "copy (select line_number, reason, detail, source_row from import_line where reason is not null"
        " order by line_number) to stdout (format csv, header)"
    )
    try:
        if not bad_rows_by_reason(connection):
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target, connection.cursor().copy(statement) as copy:
            for block in copy:
                target.write(block)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}. Choose a --bad-rows-folder.") from error


def bad_rows_by_reason(connection: psycopg.Connection) -> dict[str, int]:
    """Number of bad rows per reason, most frequent first."""
    rows = connection.execute(
        "select reason, count(*) from import_line where reason is not null group by reason order by 2 desc, 1"
    )
    return dict(rows.fetchall())


def first_bad_rows(connection: psycopg.Connection, count: int) -> list[BadRow]:
    """The first `count` bad rows of the file."""
    return [BadRow(*row) for row in connection.execute(f"{_BAD_ROWS} limit %s", (count,))]


def _refuse_other_customers(connection: psycopg.Connection) -> None:
    """An order belongs to the first customer that its lines name; lines without one join, others are bad."""
    connection.execute(
        """
        with
        mixed as (
            select
                order_id,
                (array_agg(customer order by line_number) filter (where customer is not null))[1] as customer
            from import_line
            where reason is null and order_id is not null
            group by order_id
            having min(customer) <> max(customer) or count(customer) between 1 and count(*) - 1
        )

        update import_line
        set
            customer = mixed.customer,
            reason = case when import_line.customer <> mixed.customer then %s end,
            detail = case when import_line.customer <> mixed.customer then import_line.customer end
        from mixed
        where
            import_line.order_id = mixed.order_id
            and import_line.reason is null
            and import_line.customer is distinct from mixed.customer
        """,
        (Reason.OTHER_CUSTOMER,),
    )


def _settle_options(connection: psycopg.Connection, options: ImportOptions) -> None:
    """Decide what the options leave to the file, and refuse lines in another currency."""
    from babel.numbers import get_currency_precision, get_currency_symbol

    currency = options.currency or single_value(connection, _MODE_OF_CURRENCY) or _DEFAULT_CURRENCY
    check_currency(currency)
    connection.execute(
        "update import_line set reason = %s, detail = currency where reason is null and upper(currency) <> %s",
        (Reason.CURRENCY, currency),
    )
    connection.execute(
        "insert into import_option values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            str(uuid.uuid5(uuid.NAMESPACE_URL, f"creamery:{connection.info.dbname}")),
            options.name,
            options.time_zone,
            currency,
            get_currency_symbol(currency, locale="en"),
            get_currency_precision(currency),
            _cancellation_prefix(connection, options),
            options.adjustment_prefix,
            _valid_pattern(connection, options.goods_pattern),
        ),
    )


def _cancellation_prefix(connection: psycopg.Connection, options: ImportOptions) -> str | None:
    """The prefix given, or the usual one where every order that has it takes goods back."""
    if options.cancellation_prefix is not None:
        return options.cancellation_prefix
    is_used = single_value(
        connection,
        "select bool_and(quantity < 0) from import_line where reason is null and order_id ~ %s",
        (f"^{_USUAL_CANCELLATION_PREFIX}[0-9]",),
    )
    return _USUAL_CANCELLATION_PREFIX if is_used else None


def _valid_pattern(connection: psycopg.Connection, pattern: str | None) -> str | None:
    try:
        connection.execute("select '' ~ %s", (pattern,))
    except psycopg.errors.InvalidRegularExpression as error:
        raise InputError(
            f"--goods-pattern {pattern!r} is no regular expression: {error.diag.message_primary}. Correct it."
        ) from error
    return pattern


def _recognise_countries(connection: psycopg.Connection) -> None:
    names = connection.execute(
        "select distinct country from import_line where reason is null and country is not null"
    ).fetchall()
    connection.cursor().executemany(
        "insert into import_country values (%s, %s, %s)",
        [(name, *(iso_country(name) or (None, None))) for (name,) in names],
    )

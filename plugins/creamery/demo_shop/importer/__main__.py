"""python -m creamery.demo_shop.importer FILE --dsn postgresql://... --name NAME [flags]"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from creamery.demo_shop.importer.columns import Column
from creamery.demo_shop.importer.load import import_orders
from creamery.demo_shop.importer.options import SEPARATORS, ImportOptions
from creamery.errors import CreameryError, InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Import and print the report. Gives 0; 2 for a file or flag that cannot be used; 1 for other faults."""
    given = _parser().parse_args(arguments)
    try:
        report = import_orders(given.file, given.dsn, _options(given))
    except CreameryError as error:
        print(f"import-orders: {' '.join(str(error).split())}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    print(report.text())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="import-orders",
        description="Make an Odoo-shaped source database from one file of orders.",
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help=".csv, .tsv, .txt, .parquet or .xlsx")
    parser.add_argument("--dsn", required=True, help="the database to fill: empty, or an earlier import")
    parser.add_argument("--name", required=True, help="the warehouse's name, for the command that comes next")
    columns = parser.add_argument_group("columns, where their names are not the usual ones")
    for column in Column:
        columns.add_argument("--" + column.value.replace("_", "-"), metavar="NAME", help=_COLUMN_HELP[column])
    meaning = parser.add_argument_group("meaning")
    meaning.add_argument("--time-zone", default="UTC", help="of the file's times, and the shop's (default UTC)")
    meaning.add_argument("--currency", help="the shop's (default: the currency column's most frequent, else USD)")
    meaning.add_argument("--cancellation-prefix", help="order ids that begin so take goods back (default: C if all do)")
    meaning.add_argument("--adjustment-prefix", help="order ids that begin so are accounting adjustments, no sales")
    meaning.add_argument("--goods-pattern", help="regular expression for product codes of goods; others are services")
    reading = parser.add_argument_group("reading")
    reading.add_argument("--date-format", help="such as '%%d/%%m/%%Y %%H:%%M' (default: ISO 8601)")
    reading.add_argument("--decimal-comma", action="store_true", help="numbers are written 1.234,56")
    reading.add_argument("--separator", choices=sorted(SEPARATORS), help="default: what the first line has most of")
    reading.add_argument("--encoding", default="utf-8", help="default utf-8")
    reading.add_argument("--columns", metavar="A,B,...", help="names of the columns of a file without a header line")
    reading.add_argument("--sheet", help="of a workbook that has several")
    reading.add_argument(
        "--bad-rows-folder", type=Path, default=Path(".creamery/imports"), help="default .creamery/imports"
    )
    return parser


_COLUMN_HELP = {
    Column.ORDER_ID: "none: a customer's rows of one moment are one order",
    Column.DATE: "day or moment of the order",
    Column.CUSTOMER: "empty: an unknown customer",
    Column.PRODUCT: "none: one product for all",
    Column.QUANTITY: "none: 1 each",
    Column.UNIT_PRICE: "net price of one",
    Column.VALUE: "net value of the row, instead of a unit price",
    Column.DESCRIPTION: "name of the product",
    Column.COUNTRY: "of the customer",
    Column.CURRENCY: "rows in another currency than the shop's are refused",
    Column.CANCELLED: "yes or no",
}


def _options(given: argparse.Namespace) -> ImportOptions:
    flags = vars(given)
    return ImportOptions(
        name=given.name,
        columns={column: flags[column.value] for column in Column if flags[column.value] is not None},
        time_zone=given.time_zone,
        currency=given.currency,
        cancellation_prefix=given.cancellation_prefix,
        adjustment_prefix=given.adjustment_prefix,
        goods_pattern=given.goods_pattern,
        date_format=given.date_format,
        is_decimal_comma=given.decimal_comma,
        separator=given.separator,
        encoding=given.encoding,
        header=tuple(name.strip() for name in given.columns.split(",")) if given.columns else None,
        sheet=given.sheet,
        bad_rows_folder=given.bad_rows_folder,
    )


if __name__ == "__main__":
    sys.exit(main())
